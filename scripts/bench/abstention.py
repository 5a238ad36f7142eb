"""What two reports of `almanac eval --json` tell together.

    scripts/bench/abstention.py removed INTACT.json REMOVED.json    answers to questions whose facts were taken away
    scripts/bench/abstention.py follow BEFORE.json AFTER.json       questions right before, and right after a change

`removed` prints, for bounds on `confidence`, how much of the intact set is still answered, how much of it rightly and wrongly,
and how much of the reduced set is abstained from; and how well confidence tells right answers to intact questions from answers
that had no fact (AUROC). `follow` pairs the reports by the ids of their questions.
"""

import argparse
import json

BOUNDS = [0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]
ANSWERED = {"grounded", "ambiguous"}


def told(record):
    """The confidence of an answer; 0 where none was given."""
    return record["confidence"] if record["status"] in ANSWERED else 0.0


def at(bound, intact, removed):
    """Shares: answered, right and wrong of the intact, abstained of the removed, if confidence must exceed a bound."""
    answered = [record for record in intact if told(record) > bound]
    right = sum(record["hit"] > 0 for record in answered)
    kept = sum(told(record) <= bound for record in removed)
    return len(answered) / len(intact), right / len(intact), (len(answered) - right) / len(intact), kept / len(removed)


def auroc(intact, removed):
    """How often a right answer to an intact question is the surer one of two; a half where both are as sure."""
    right = [told(record) for record in intact if record["hit"] > 0]
    pairs = [(a, told(record)) for a in right for record in removed]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def follow(before, after):
    """Of the questions of both that were right before: how many there are, and how many are right after."""
    known = {record["id"]: record for record in before}
    both = [record for record in after if known.get(record["id"], {"hit": 0})["hit"] > 0]
    return len(both), sum(record["hit"] > 0 for record in both)


def records(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)["records"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["removed", "follow"])
    parser.add_argument("first")
    parser.add_argument("second")
    options = parser.parse_args()
    first, second = records(options.first), records(options.second)
    if options.what == "follow":
        right, still = follow(first, second)
        print(f"{still} of {right} that were right before are right after: {still / max(right, 1):.3f}")
        return
    for bound in BOUNDS:
        answered, right, wrong, kept = at(bound, first, second)
        print(f"confidence > {bound:<4}  answered {answered:.3f}  right {right:.3f}  wrong {wrong:.3f}  removed abstained {kept:.3f}")
    print(f"AUROC, right answers to intact questions against answers without a fact: {auroc(first, second):.3f}")


if __name__ == "__main__":
    main()
