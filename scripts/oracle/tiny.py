"""Tiny models of random weights: their vocabularies, and the GGUF files that hold them."""

import collections
import random

import gguf
import numpy as np

from texts import strings

CONTROL, USER_DEFINED, BYTE, UNKNOWN, NORMAL = 3, 4, 6, 2, 1

CHAT = ("{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
TURNS = ("{{ bos_token }}{% for message in messages %}{{ '<start_of_turn>' + ('model' if message.role == 'assistant' else "
         "message.role) + '\n' + message.content | trim + '<end_of_turn>\n' }}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")


class Vocabulary:
    """Tokens with their kinds and scores, in the order of their ids."""

    def __init__(self):
        self.tokens, self.kinds, self.scores, self.merges = [], [], [], []

    def add(self, token, kind=NORMAL, score=0.0):
        if token in self.tokens:
            return
        self.tokens.append(token)
        self.kinds.append(kind)
        self.scores.append(score)

    def ordinary(self):
        """Ids of tokens that stand for text."""
        return [at for at, kind in enumerate(self.kinds) if kind not in (CONTROL, UNKNOWN)]


def alphabet():
    """The character that byte-level BPE writes for each byte."""
    plain = [*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(0x100 + at) for at, byte in enumerate(others)}


def byte_level(specials, count):
    """A byte-level BPE vocabulary. Merging is learned across the borders of words, so that a tokenizer which draws
    those elsewhere shows it."""
    vocabulary = Vocabulary()
    letters = alphabet()
    for byte in range(256):
        vocabulary.add(letters[byte])
    symbols = [letters[byte] for byte in "\n".join(strings(300)).encode()]
    for _ in range(count):
        (left, right), _ = collections.Counter(zip(symbols, symbols[1:])).most_common(1)[0]
        joined, at = [], 0
        while at < len(symbols):
            both = symbols[at:at + 2] == [left, right]
            joined.append(left + right if both else symbols[at])
            at += 2 if both else 1
        symbols = joined
        vocabulary.merges.append(f"{left} {right}")
        vocabulary.add(left + right)
    for token, kind in specials:
        vocabulary.add(token, kind)
    return vocabulary


def sentencepiece(specials, count):
    """A SentencePiece vocabulary: specials, bytes, and frequent pieces of texts with random scores."""
    vocabulary = Vocabulary()
    for token, kind in specials:
        vocabulary.add(token, kind, -1000.0 if kind == USER_DEFINED else 0.0)
    for byte in range(256):
        vocabulary.add(f"<0x{byte:02X}>", BYTE)
    text = " ".join(strings(300)).replace(" ", "▁")
    found = collections.Counter(text[at:at + length] for at in range(len(text)) for length in (1, 2, 3, 4))
    for token in vocabulary.tokens:
        found.pop(token, None)
    pieces = [piece for piece, _ in found.most_common(count) if "\n" not in piece]
    ranks = list(range(len(pieces)))
    random.Random(5).shuffle(ranks)
    for piece, rank in zip(pieces, ranks):
        vocabulary.add(piece, NORMAL, -1.0 - rank)
    return vocabulary


class Weights:
    """Writes random tensors in one format."""

    def __init__(self, writer, form, seed):
        self.writer, self.form, self.rng = writer, form, np.random.default_rng(seed)

    def matrix(self, name, rows, columns, gain=1.0):
        values = self.rng.normal(0, gain / np.sqrt(columns), (rows, columns)).astype(np.float32)
        self.writer.add_tensor(name, gguf.quants.quantize(values, self.form), raw_dtype=self.form)

    def norm(self, name, length):
        self.writer.add_tensor(name, self.rng.normal(1, 0.2, length).astype(np.float32))

    def bias(self, name, length):
        self.writer.add_tensor(name, self.rng.normal(0, 0.5, length).astype(np.float32))


def write_vocabulary(writer, vocabulary, model, pre):
    writer.add_tokenizer_model(model)
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(vocabulary.tokens)
    if model == "llama":
        writer.add_token_scores(vocabulary.scores)
    else:
        writer.add_token_merges(vocabulary.merges)
    writer.add_token_types(vocabulary.kinds)


def close(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
