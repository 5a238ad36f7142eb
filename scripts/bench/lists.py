"""How long questions take that concern all things of a large class.

    scripts/bench/lists.py [--things 100000] [--binary FILE]

Loads so many things, each with a class, a name and a number that is a text, none with a label, into a server that is started for
the occasion without models. Prints the seconds of each question and how its answer begins.
"""

import argparse
import json

import common

SCHEMA = "http://bench.example/schema#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
# Prices come again after so many things, so that the highest one has several.
PRICES = 977
QUESTIONS = [
    "How many items are there?",
    "List all items.",
    "What is the price of Item thing 77?",
    "Which item has the highest price?",
]


def things(count):
    """The things as N-Triples."""
    lines = [f'<{SCHEMA}Item> <{LABEL}> "Item" .']
    for number in range(count):
        thing = f"<http://bench.example/item/{number}>"
        lines.append(f"{thing} <{TYPE}> <{SCHEMA}Item> .")
        lines.append(f'{thing} <{SCHEMA}itemName> "Item thing {number}" .')
        lines.append(f'{thing} <{SCHEMA}price> "{number % PRICES}" .')
    return "\n".join(lines)


def ask(url, question):
    body = {"model": "lists", "messages": [{"role": "user", "content": question}]}
    return common.call(url, "/v1/chat/completions", json.dumps(body).encode())["choices"][0]["message"]["content"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--things", type=int, default=100_000)
    parser.add_argument("--binary", help="the server's [default: it is built]")
    options = parser.parse_args()
    with common.Server(options.binary or common.build(), {"ALMANAC_MODELS_OFF": "true"}) as server:
        common.call(server.url, "/kb/lists", method="PUT")
        common.call(server.url, "/kb/lists/load", things(options.things).encode(), "application/n-triples")
        for question in QUESTIONS:
            [(answer, seconds)] = common.each([question], lambda asked: ask(server.url, asked), 1)
            print(f"{seconds:6.2f} s  {question}  {answer[:60]}")


if __name__ == "__main__":
    main()
