"""Embeds sentences with sentence-transformers."""

import json
import pathlib
import sys

import sentence_transformers

from common import rounded, write

SENTENCES = [
    "", "a", "Chad", "N'Djamena", "capital of", "The capital of Chad is N'Djamena.",
    "What is the capital of Chad?", "which countries border Laos", "the currency of Peru", "population, 2023",
    "How many cities in Japan have more than one million inhabitants?", "is Lima the capital of Peru",
    "Zürich, São Paulo and Łódź are cities.", "北京是中国的首都。", "東京タワー", "مرحبا بالعالم", "Привет, мир!", "ελληνικά",
    "👩‍👩‍👧‍👦 a family", "e\u0301 combining", "x" * 120, "1234567890 3.14159 1e-9", "https://example.org/a/b?c=d#e",
    "fn main() { println!(\"hello\"); }", "UPPER CASE AND lower case", "  spaces   between\twords\n", "[CLS] [SEP] [MASK] [PAD]",
    "antidisestablishmentarianism", "don't won't can't shouldn't've", "a b c d e f g h i j k l m n o p q r s t u v w x y z",
    "The river flows from the mountains to the sea, through three countries and past two capitals, before it ends.",
    "An ontology states which classes and properties there are, and what follows from them. " * 3,
    "Full-text search finds passages; a graph finds facts. " * 8,
    "Long texts are cut at the model's limit of tokens. " * 40,
    "word " * 253, "word " * 254, "word " * 255, "word " * 300,
    "actors starring in the movie", "movies that an actor starred in",
]


def main():
    model = sentence_transformers.SentenceTransformer(sys.argv[1], device="cpu")
    # Releases differ in whether they read the limit that the model's folder states.
    limits = json.loads((pathlib.Path(sys.argv[1]) / "sentence_bert_config.json").read_text())
    print("length limit:", model.max_seq_length, "->", limits["max_seq_length"])
    model.max_seq_length = limits["max_seq_length"]
    vectors = model.encode(SENTENCES, batch_size=1, normalize_embeddings=True)
    write("embeddings.json", [
        {"text": text, "vector": rounded(vector)} for text, vector in zip(SENTENCES, vectors)
    ])


main()
