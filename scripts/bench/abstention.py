"""What several reports of `almanac eval --json` tell together.

    scripts/bench/abstention.py removed INTACT.json REMOVED.json    answers to questions whose facts were taken away
    scripts/bench/abstention.py follow BEFORE.json AFTER.json       questions right before, and right after a change
    scripts/bench/abstention.py calibrated REPORT.json ...          how well confidence tells right answers from wrong ones

`removed` prints, for bounds on `confidence`, how much of the intact set is still answered, how much of it rightly and wrongly,
and how much of the reduced set is abstained from; and how well confidence tells right answers to intact questions from answers
that had no fact (AUROC). `follow` pairs the reports by the ids of their questions. `calibrated` puts the answers of all reports
together, and prints how many there are, the expected calibration error in ten bins (Naeini et al. 2015), and the AUROC of right
answers against wrong ones.
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


def calibration(answers, bins=10):
    """Of pairs of a confidence and whether the answer was right: the expected calibration error, and the AUROC."""
    parts = [[] for _ in range(bins)]
    for confidence, right in answers:
        parts[min(bins - 1, int(confidence * bins))].append((confidence, right))
    off = sum(abs(sum(c for c, _ in part) - sum(right for _, right in part)) for part in parts)
    wrong = [c for c, right in answers if not right]
    pairs = [(c, other) for c, right in answers if right for other in wrong]
    told_apart = sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs) if pairs else None
    return off / len(answers), told_apart


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
    parser.add_argument("what", choices=["removed", "follow", "calibrated"])
    parser.add_argument("reports", nargs="+")
    options = parser.parse_args()
    reports = [records(path) for path in options.reports]
    if options.what == "calibrated":
        # That there is none is an answer as well.
        given = [record for report in reports for record in report if record["confidence"] > 0]
        error, told_apart = calibration([(record["confidence"], record["hit"] > 0) for record in given])
        print(f"{len(given)} answers  ECE {error:.3f}  AUROC {'none' if told_apart is None else format(told_apart, '.3f')}")
        return
    if len(reports) != 2:
        parser.error(f"`{options.what}` takes two reports")
    first, second = reports
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
