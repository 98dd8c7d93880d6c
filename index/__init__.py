"""The text and its store: source files, sentences with offsets, vectors, search. Knows nothing of chat."""

import os

# Before anything imports onnxruntime, which else writes an id and a database into the home and reports to Microsoft.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
