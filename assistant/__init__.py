"""Question to Reply: the retrieval chain, its answerers, the command line and the web chat."""
