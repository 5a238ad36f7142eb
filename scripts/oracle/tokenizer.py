"""Tokenises varied strings and rendered chats with llama.cpp."""

import sys

import jinja2
import llama_cpp

from common import write
from texts import strings

COUNT = 1000

CHATS = [
    [("user", "What is the capital of France?")],
    [("system", "You answer briefly."), ("user", "Hi"), ("assistant", "Hello!"), ("user", " leading space\n\n")],
    [("user", "")],
    [("user", "line one\nline two\n\n\n  - indented 12,345\n")],
    [("system", "Facts:\n- Chad, capital: N'Djamena\n- Peru, currency: sol"), ("user", "ペルーの通貨は？ 👩‍👩‍👧‍👦")],
    [("user", "\n"), ("assistant", "\t"), ("user", "1 2 3")],
]


def main():
    model = llama_cpp.Llama(sys.argv[1], vocab_only=True, verbose=False)
    write("tokenizer.json", [
        {"text": text, "ids": model.tokenize(text.encode(), add_bos=False, special=False)} for text in strings(COUNT)
    ])
    template = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).from_string(
        model.metadata["tokenizer.chat_template"])
    chats = []
    for chat in CHATS:
        messages = [{"role": role, "content": content} for role, content in chat]
        text = template.render(messages=messages, add_generation_prompt=True)
        chats.append({"turns": chat, "ids": model.tokenize(text.encode(), add_bos=False, special=True)})
    write("chats.json", chats)


main()
