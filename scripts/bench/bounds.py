"""How near the engine's speed is to what the machine allows: reading memory when it decodes, multiplying when it
reads prompts.

    scripts/bench/bounds.py --python VENV/bin/python [--model FILE] [--rounds 3]

VENV holds PyPI's `gguf`, which tells what a model's file is made of. The machine's bounds are measured by
`engine/benches/bounds.rs` in the same rounds as the engine's figures by `engine/benches/speed.rs`.

- Decoding one sequence reads each weight once a token. Its share is the bytes of the weights in the file, times tokens
  per second, of the bytes per second that the machine reads. Keys and values come on top and are left out.
- A prompt of 512 tokens multiplies with each weight of the layers once a token. Its share is these multiply-adds per
  second of those that the machine does with the instruction that the kernels use. Attention comes on top and is left
  out, and so is the last matrix, which one token alone meets.

What a cache holds needs not be read from memory: on a machine whose cache is as large as the model, the share of
decoding can pass 100 %.
"""

import argparse
import pathlib
import statistics
import subprocess

import common

BENCH = ["cargo", "bench", "--quiet", "--workspace", "--bench"]

SHAPE = """
import json, sys
from gguf import GGUFReader
tensors = {tensor.name: tensor for tensor in GGUFReader(sys.argv[1]).tensors if len(tensor.shape) > 1}
if "output.weight" in tensors:
    # A row of the embeddings is read, not the whole.
    del tensors["token_embd.weight"]
layers = [tensor for name, tensor in tensors.items() if name.startswith("blk.")]
for what, figure in [("bytes", sum(int(tensor.n_bytes) for tensor in tensors.values())),
                     ("multiply_adds", sum(int(tensor.n_elements) for tensor in layers))]:
    print(json.dumps(dict(what=what, figure=figure)))
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has gguf")
    parser.add_argument("--model", type=pathlib.Path, default=common.MODEL, help="a GGUF file")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    environment = {"ALMANAC_MODEL": str(options.model.resolve())}
    shape = common.figures([options.python, "-c", SHAPE, str(options.model)])
    for bench in ("bounds", "speed"):
        subprocess.run([*BENCH, bench, "--no-run"], env=common.ENVIRONMENT, cwd=common.ROOT, check=True)
    found = common.in_turns(options.rounds, {
        bench: lambda bench=bench: common.figures([*BENCH, bench], environment) for bench in ("bounds", "speed")})
    bounds = {what: [turn[what] for turn in found["bounds"]] for what in found["bounds"][0]}
    for what, figures in bounds.items():
        print(f"{what}: {common.spread(figures)}")
    # Those of all threads come last, and of the instructions the best.
    reading = statistics.median(bounds[[what for what in bounds if what.startswith("read_")][-1]])
    decode = [turn["decode_after_512_tok_s"] for turn in found["speed"]]
    share = [figure * shape["bytes"] / 1e9 / reading for figure in decode]
    print(f"decode: {common.spread(decode)} tok/s, {shape['bytes'] / 1e6:.1f} MB a token, "
          f"{common.spread(share, '.0%')} of reading memory")
    prompt = [turn["prompt_512_tok_s"] for turn in found["speed"]]
    line = f"prompt: {common.spread(prompt)} tok/s, {shape['multiply_adds'] / 1e6:.1f} million multiply-adds a token"
    if products := [what for what in bounds if what.endswith("_gmac_s")]:
        multiplying = statistics.median(bounds[products[-1]])
        share = [figure * shape["multiply_adds"] / 1e9 / multiplying for figure in prompt]
        line += f", {common.spread(share, '.0%')} of multiplying ({products[-1]})"
    print(line)


if __name__ == "__main__":
    main()
