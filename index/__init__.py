"""The text and its store: source files, sentences with offsets, vectors, search. Knows nothing of chat."""
