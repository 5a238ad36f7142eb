"""Makes a tiny model of each architecture, and asks llama.cpp for its numbers.

Weights are random; what is odd about real models is here in small: heads that are no share of the width, a window
that is shorter than the text, rotations that are stretched. Like `logits.py`, llama.cpp computes on the file widened
to 32-bit floats, since it would otherwise round activations; how far its numbers on the file itself are is printed.
Its GELU comes from a table of 16-bit floats all the same.

The entries of `architectures/NAME.json` are the positions of one sequence, in order: the token there, the likeliest
next one, by how much its logit exceeds the second's, the logarithm of the probability of the token that does come
next, and at some positions all logits.
"""

import dataclasses
import math
import random
import tempfile

import gguf
import llama_cpp
import numpy as np

from common import FIXTURES, rounded, write
from exact import load, widen
from texts import strings
from tiny import CHAT, CONTROL, TURNS, UNKNOWN, USER_DEFINED, Weights, byte_level, close, sentencepiece, write_vocabulary

LENGTH = 56
SHOWN = (0, 15, 39, LENGTH - 1)
TEXTS = 300

F32, F16, Q8_0 = (gguf.GGMLQuantizationType[name] for name in ("F32", "F16", "Q8_0"))


@dataclasses.dataclass
class Shape:
    """What the tensors of a model measure."""

    layers: int
    width: int
    hidden: int
    heads: int
    kv_heads: int
    head: int
    tied: bool = True
    qkv_bias: bool = False
    head_norms: bool = False
    post_norms: bool = False
    # Of the embeddings' noise, so that logits and states are neither flat nor a single peak.
    embedding_gain: float = 2.0


def begin(path, architecture, shape, base, vocabulary, tokenizer):
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(f"Tiny {architecture}")
    writer.add_context_length(256)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(base)
    if shape.head * shape.heads != shape.width:
        writer.add_key_length(shape.head)
        writer.add_value_length(shape.head)
    write_vocabulary(writer, vocabulary, *tokenizer)
    return writer


def fill(writer, shape, form, vocabulary, seed):
    weights = Weights(writer, form, seed)
    width, queries, keys = shape.width, shape.heads * shape.head, shape.kv_heads * shape.head
    weights.matrix("token_embd.weight", len(vocabulary.tokens), width, shape.embedding_gain)
    if not shape.tied:
        weights.matrix("output.weight", len(vocabulary.tokens), width, 2.0)
    weights.norm("output_norm.weight", width)
    for layer in range(shape.layers):
        def name(part, kind="weight"):
            return f"blk.{layer}.{part}.{kind}"

        # Queries and keys are strong enough for attention to choose.
        for part, rows, columns, gain in [("attn_q", queries, width, 1.6), ("attn_k", keys, width, 1.6),
                                          ("attn_v", keys, width, 1.0), ("attn_output", width, queries, 1.0),
                                          ("ffn_gate", shape.hidden, width, 1.5), ("ffn_up", shape.hidden, width, 1.5),
                                          ("ffn_down", width, shape.hidden, 1.0)]:
            weights.matrix(name(part), rows, columns, gain)
        for part in ["attn_norm", "ffn_norm"] + ["post_attention_norm", "post_ffw_norm"] * shape.post_norms:
            weights.norm(name(part), width)
        for part in ["attn_q_norm", "attn_k_norm"] * shape.head_norms:
            weights.norm(name(part), shape.head)
        if shape.qkv_bias:
            for part, length in [("attn_q", queries), ("attn_k", keys), ("attn_v", keys)]:
                weights.bias(name(part, "bias"), length)
    close(writer)


def llama3_factors(dimensions, base, factor, low, high, context):
    """By what the angles of Llama 3 are divided, as the converter of llama.cpp writes it."""
    factors = []
    for at in range(0, dimensions, 2):
        wavelength = 2 * math.pi * base ** (at / dimensions)
        if wavelength < context / high:
            factors.append(1.0)
        elif wavelength > context / low:
            factors.append(factor)
        else:
            smooth = (context / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(factors, dtype=np.float32)


CHATML = [("<|endoftext|>", CONTROL), ("<|im_start|>", CONTROL), ("<|im_end|>", CONTROL)]


def chatml(writer, vocabulary, bos=False):
    writer.add_bos_token_id(vocabulary.tokens.index("<|endoftext|>"))
    writer.add_eos_token_id(vocabulary.tokens.index("<|im_end|>"))
    writer.add_add_bos_token(bos)
    writer.add_chat_template(CHAT)


def llama3(path, form, seed):
    shape = Shape(layers=2, width=64, hidden=96, heads=4, kv_heads=2, head=16)
    vocabulary = byte_level(CHATML, 100)
    writer = begin(path, "llama", shape, 500.0, vocabulary, ("gpt2", "llama-bpe"))
    writer.add_rope_dimension_count(shape.head)
    chatml(writer, vocabulary, bos=True)
    # Waves of all three kinds: short ones stay, long ones are stretched, some lie between.
    factors = llama3_factors(shape.head, 500.0, 8.0, 1.0, 4.0, 64)
    assert factors[0] == 1 and factors[-1] == 8 and any(1 < factor < 8 for factor in factors), factors
    writer.add_tensor("rope_freqs.weight", factors)
    fill(writer, shape, form, vocabulary, seed)
    return vocabulary


def llama_linear(path, form, seed):
    shape = Shape(layers=2, width=96, hidden=160, heads=6, kv_heads=3, head=16, tied=False)
    vocabulary = byte_level(CHATML, 60)
    writer = begin(path, "llama", shape, 10000.0, vocabulary, ("gpt2", "smollm"))
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
    writer.add_rope_scaling_factor(4.0)
    chatml(writer, vocabulary)
    fill(writer, shape, form, vocabulary, seed)
    return vocabulary


def qwen2(path, form, seed):
    shape = Shape(layers=2, width=64, hidden=96, heads=4, kv_heads=2, head=16, qkv_bias=True)
    vocabulary = byte_level(CHATML, 200)
    writer = begin(path, "qwen2", shape, 1e6, vocabulary, ("gpt2", "qwen2"))
    chatml(writer, vocabulary)
    fill(writer, shape, form, vocabulary, seed)
    return vocabulary


def qwen3(path, form, seed):
    shape = Shape(layers=2, width=96, hidden=128, heads=4, kv_heads=2, head=32, head_norms=True)
    vocabulary = byte_level(CHATML + [("<think>", USER_DEFINED), ("</think>", USER_DEFINED)], 100)
    writer = begin(path, "qwen3", shape, 1e6, vocabulary, ("gpt2", "qwen2"))
    chatml(writer, vocabulary)
    fill(writer, shape, form, vocabulary, seed)
    return vocabulary


def gemma3(path, form, seed):
    # Seven layers: the sixth sees all, the others a window that is much shorter than the sequence.
    shape = Shape(layers=7, width=64, hidden=64, heads=2, kv_heads=1, head=48, head_norms=True, post_norms=True)
    vocabulary = sentencepiece(
        [("<pad>", CONTROL), ("<eos>", CONTROL), ("<bos>", CONTROL), ("<unk>", UNKNOWN), ("<start_of_turn>", CONTROL),
         ("<end_of_turn>", CONTROL), ("\n", USER_DEFINED), ("\n\n", USER_DEFINED), ("  ", USER_DEFINED),
         ("    ", USER_DEFINED), ("\t", USER_DEFINED), ("<p>", USER_DEFINED)], 200)
    writer = begin(path, "gemma3", shape, 1e6, vocabulary, ("llama", "default"))
    writer.add_rope_freq_base_swa(1e4)
    writer.add_sliding_window(8)
    writer.add_pad_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_unk_token_id(3)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TURNS)
    fill(writer, shape, form, vocabulary, seed)
    return vocabulary


def minicpm(path, form, seed):
    shape = Shape(layers=2, width=64, hidden=96, heads=4, kv_heads=4, head=16, embedding_gain=1.0)
    vocabulary = sentencepiece([("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL), ("<|im_end|>", CONTROL)], 150)
    writer = begin(path, "minicpm", shape, 10000.0, vocabulary, ("llama", "default"))
    writer.add_rope_dimension_count(shape.head)
    writer.add_embedding_scale(12.0)
    writer.add_residual_scale(1.4 / shape.layers ** 0.5)
    writer.add_logit_scale(0.5)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(True)
    fill(writer, shape, form, vocabulary, seed)
    return vocabulary


MODELS = [("llama3", llama3, F32), ("llama-linear", llama_linear, Q8_0), ("qwen2", qwen2, F16), ("qwen3", qwen3, F16),
          ("qwen3-q8_0", qwen3, Q8_0), ("gemma3", gemma3, F16), ("gemma3-q8_0", gemma3, Q8_0), ("minicpm", minicpm, F32)]


def evaluate(path, ids, together):
    model = load(path, len(ids))
    for part in [ids] if together else [[token] for token in ids]:
        model.eval(part)
    return model.scores[:len(ids)].copy()


def log_probabilities(logits, ids):
    """Of each id at its position."""
    logits = logits.astype(np.float64)
    best = logits.max(axis=1)
    return logits[np.arange(len(ids)), ids] - best - np.log(np.exp(logits - best[:, None]).sum(axis=1))


def numbers(path, ids):
    with tempfile.TemporaryDirectory() as folder:
        wide = widen(path, folder)
        logits, stepwise = evaluate(wide, ids, True), evaluate(wide, ids, False)
    assert np.abs(logits - stepwise).max() < 1e-2, "llama.cpp differs from itself"
    print(f"{path}: spread {logits.std():.2f}, token by token {np.abs(logits - stepwise).max():.2g} off, "
          f"rounded {np.abs(logits - evaluate(path, ids, True)).max():.2g} off")
    likelihoods = [*rounded(log_probabilities(logits[:-1], ids[1:]), 8), None]
    entries = []
    for at, (token, row, likelihood) in enumerate(zip(ids, logits, likelihoods)):
        second, first = np.sort(row)[-2:]
        entry = {"id": token, "likeliest": int(row.argmax()), "margin": rounded([first - second], 4)[0],
                 "next_log_probability": likelihood}
        entries.append(entry | {"logits": rounded(row, 7)} if at in SHOWN else entry)
    return entries


def tokenised(path, texts):
    model = llama_cpp.Llama(path, vocab_only=True, verbose=False)
    return [{"text": text, "ids": model.tokenize(text.encode(), add_bos=True, special=False)} for text in texts]


def main():
    folder = FIXTURES / "architectures"
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, make, form) in enumerate(MODELS):
        path = str(folder / f"{name}.gguf")
        vocabulary = make(path, form, seed)
        write(f"architectures/{name}.json", numbers(path, random.Random(seed).choices(vocabulary.ordinary(), k=LENGTH)))
    # A long s is the lower case of none of the letters that contractions end in, though Unicode folds it to one.
    texts = ["it'ſ", "IT'S we'Ll"] + [text for text in strings(TEXTS) if len(text) < 150]
    for name in ["qwen2", "gemma3"]:
        write(f"architectures/{name}.tokens.json", tokenised(str(folder / f"{name}.gguf"), texts))


main()
