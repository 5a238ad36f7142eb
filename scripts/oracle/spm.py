"""Makes a tiny model with a SentencePiece vocabulary, and tokenises strings with it in llama.cpp."""

import random

import gguf
import llama_cpp
import numpy as np

from common import FIXTURES, write

WIDTH, HIDDEN, HEADS, KV_HEADS, LAYERS = 32, 64, 4, 2, 1
# None of them begins a control token: llama.cpp would let "<s" and ">" merge into one, which the engine refuses.
WORDS = """▁the ▁of ▁a th he in er an re on ▁c ▁ca ▁cap ▁capital ital it al ▁is ▁1 12 ▁12 ing ▁Paris ▁P ar is ▁Par aris
▁▁ ▁▁▁▁ ▁▁▁ ▁b bc abc ab ▁ab é ▁é 北 京 北京 ▁北京""".split()


def vocabulary():
    tokens, kinds, scores = ["<unk>", "<s>", "</s>"], [2, 3, 3], [0.0, 0.0, 0.0]
    for byte in range(256):
        tokens.append(f"<0x{byte:02X}>")
        kinds.append(6)
        scores.append(0.0)
    characters = sorted({c for word in WORDS for c in word} | set("abcdefghijklmnopqrstuvwxyzABCP .,!'?<>/0123456789▁"))
    rng = random.Random(5)
    pieces = WORDS + [c for c in characters if c not in WORDS]
    order = list(range(len(pieces)))
    rng.shuffle(order)
    for piece, rank in zip(pieces, order):
        tokens.append(piece)
        kinds.append(1)
        scores.append(-float(rank) - 1.0)
    return tokens, kinds, scores


def save(path):
    tokens, kinds, scores = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny SentencePiece")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    rng = np.random.default_rng(7)

    def tensor(name, *shape):
        noise = rng.uniform(-0.4, 0.4, shape).astype(np.float32)
        writer.add_tensor(name, noise + 1 if "norm" in name else noise.astype(np.float16) if len(shape) > 1 else noise)

    head = WIDTH // HEADS
    tensor("token_embd.weight", len(tokens), WIDTH)
    tensor("output.weight", len(tokens), WIDTH)
    tensor("output_norm.weight", WIDTH)
    for layer in range(LAYERS):
        for name, shape in [("attn_q", (WIDTH, WIDTH)), ("attn_k", (KV_HEADS * head, WIDTH)),
                            ("attn_v", (KV_HEADS * head, WIDTH)), ("attn_output", (WIDTH, WIDTH)),
                            ("ffn_gate", (HIDDEN, WIDTH)), ("ffn_up", (HIDDEN, WIDTH)), ("ffn_down", (WIDTH, HIDDEN)),
                            ("attn_norm", (WIDTH,)), ("ffn_norm", (WIDTH,))]:
            tensor(f"blk.{layer}.{name}.weight", *shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


TEXTS = ["", " ", "  ", "a", "the capital", "The capital of Paris is 12.", "abc ab bc", " leading", "trailing ", "a  b    c",
         "é北京", "京北 x", "\n\t", "😀 ok", "<s>", "</s>abc", "<unk>", "<0x41>", "ing ing  ing", "Paris!?Paris", "thethethe the",
         "1212 12", "capitalitalit", "\x00", "zzzzzz", "▁the", "aris caparis"]


def main():
    path = FIXTURES / "sentencepiece.gguf"
    save(path)
    model = llama_cpp.Llama(str(path), n_ctx=64, logits_all=True, verbose=False,
                            type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32)
    rng = random.Random(11)
    texts = TEXTS + ["".join(rng.choices("abcthe ital Paris12é北京", k=rng.randrange(1, 30))) for _ in range(200)]
    entries = []
    for text in texts:
        ids = model.tokenize(text.encode(), add_bos=True, special=False)
        entries.append({"text": text, "ids": ids})
    # The numbers of the model, too: what it would say next, by an odd shape of heads and separate output weights.
    for entry in entries[:12]:
        model.reset()
        model.eval(entry["ids"])
        entry["next"] = int(model.scores[len(entry["ids"]) - 1].argmax())
    write("sentencepiece.json", entries)


main()
