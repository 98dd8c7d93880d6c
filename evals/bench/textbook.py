"""The textbook to beat, as a script of its own: LangChain's HuggingFaceEmbeddings, Chroma and similarity search.

python -m evals.bench.textbook MODEL FOLDER QUESTION         answers from the store in FOLDER
python -m evals.bench.textbook MODEL FOLDER --index FILE...  makes it
"""

import os
import sys
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}

from langchain_chroma import Chroma
from langchain_huggingface import HuggingFaceEmbeddings

model, folder, question, *files = sys.argv[1:]
store = Chroma(persist_directory=folder, embedding_function=HuggingFaceEmbeddings(model_name=model))
if question == "--index":
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=500, chunk_overlap=50)
    store.add_texts([chunk for file in files for chunk in splitter.split_text(Path(file).read_text(encoding="utf-8"))])
else:
    for found in store.similarity_search(question, k=4):
        print(found.page_content)  # noqa: T201
