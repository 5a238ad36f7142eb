"""Whether the query that a question is read as means what the gold query means: they must agree on altered copies of the graph.

    scripts/bench/altered.py --url URL --kb KB --questions FILE [--kb KB --questions FILE ...] [--copies 5] [--seed 1]
                             [--share 0.1] [--timeout SECONDS] [--json OUT]

A wrong query may give the right answer on one graph by chance; on copies that are altered at random it seldom does. What is
altered is told in `alteration.py`. The server holds the graph as the knowledge base KB; each copy is loaded beside it as
`KB-altered-N`, and deleted when it has been read, also after a failure.

Questions are lines of `{"id", "question", "operator", "sparql"}`; those with a `status`, which have no answer, and those
without gold `sparql` are left out. The prediction is the `sparql` of the answer's grounding. Both queries run on the
original and on each copy, at most `--timeout` seconds each; one that fails or takes longer is named, and does not agree.

Two queries agree where they denote the same set of answers, as `almanac eval` tells (`exact`): answers are the first column,
a node counts by its label, numbers match at a relative 1e-6. Where the gold query itself orders its rows, the order counts
too, but for rows of the same second column; where it cuts them between two such rows, either is right. A prediction that
ranks without a cut answers with the first, as the server does. A tie at a cut inside a gold query is not seen.
"""

import argparse
import collections
import itertools
import json
import math
import re
import signal
import sys
import unicodedata
import urllib.error
import urllib.parse
import urllib.request

import alteration
import common

SAME, ORDER = "same", "another order"
CUT = re.compile(r"\bLIMIT\s+(\d+)(?:\s+OFFSET\s+(\d+))?\s*$", re.IGNORECASE)
PREFIXES = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "owl": "http://www.w3.org/2002/07/owl#", "xsd": "http://www.w3.org/2001/XMLSchema#",
            "skos": "http://www.w3.org/2004/02/skos/core#"}
UNESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Failed(Exception):
    """A query or a question that gave nothing to compare; says why."""


def wilson(right, of, z=1.959964):
    """The 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    share, scale = right / of, 1 + z * z / of
    middle = share + z * z / (2 * of)
    reach = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def shares(right, of):
    low, high = wilson(right, of)
    return f"{right}/{of} = {right / of:.3f} [{low:.3f}, {high:.3f}]" if of else "0/0"


# What answers are called, and when two are the same.

def number(text):
    try:
        value = float(text.replace(",", "")) if re.search(r"\d", text) and "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def folded(text):
    """A name or a value without case and width; numbers in one notation, truth values as yes and no."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if (value := number(text)) is not None:
        return repr(value + 0.0)
    return {"true": "yes", "false": "no"}.get(text, text)


def unescaped(text):
    def one(match):
        short, long, other = match.groups()
        return chr(int(short or long, 16)) if short or long else CONTROLS.get(other, other)
    return UNESCAPED.sub(one, text)


def labels(triples):
    """What each node is called: its label, the English one first, or the preferred one."""
    found = {}
    for s, p, o in triples:
        literal = alteration.LITERAL.match(o)
        if p in alteration.LABELS and literal:
            place = alteration.LABELS.index(p), (literal[3] or "").lower() != "en", unescaped(literal[1])
            found[s[1:-1]] = min(found.get(s[1:-1], place), place)
    return {node: label for node, (_, _, label) in found.items()}


def key(cell, named):
    """What an answer counts as."""
    if cell["type"] == "uri":
        return folded(named.get(cell["value"], cell["value"]))
    return f"_:{cell['value']}" if cell["type"] == "bnode" else folded(cell["value"])


def close(one, other):
    """Whether two keys are the same answer."""
    a, b = number(one), number(other)
    return one == other or (a is not None and b is not None and abs(a - b) <= 1e-6 * max(abs(a), abs(b)))


def aligned(keys, others):
    """The keys, each once; in place of one that is the same answer as one of the others, that one."""
    known, numbers = set(others), [other for other in others if number(other) is not None]
    def of(one):
        if one in known or number(one) is None:
            return one
        return next((other for other in numbers if close(one, other)), one)
    return list(dict.fromkeys(map(of, keys)))


# What queries denote.

def ordered(sparql):
    """Whether the query itself, not one inside its braces, orders its rows."""
    while (less := re.sub(r"\{[^{}]*\}", " ", sparql)) != sparql:
        sparql = less
    return re.search(r"\bORDER\s+BY\b", sparql, re.IGNORECASE) is not None


def declared(sparql):
    """The query with the prefixes that rdflib, which checks the gold queries, knows without a declaration."""
    missing = [name for name in PREFIXES if re.search(rf"\b{name}:", sparql)
               and not re.search(rf"PREFIX\s+{name}:", sparql, re.IGNORECASE)]
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing) + sparql


def uncut(sparql):
    """The query without its cut, if it orders its rows and cuts them, and where the cut begins and ends."""
    cut = CUT.search(sparql) if ordered(sparql) else None
    if not cut:
        return sparql, None
    start = int(cut[2] or 0)
    return sparql[:cut.start()], (start, start + int(cut[1]))


class Gold:
    """What a gold query denotes, from the rows of keys that it gives without its cut."""

    def __init__(self, rows, window=None, in_order=False):
        start, end = window or (0, len(rows))
        within = rows[start:end]
        # Rows of one value have one place; each answer has the place where it comes first.
        groups = [list(group) for _, group in itertools.groupby(rows, key=lambda row: row[1:2] or row)]
        groups = groups if in_order else [rows]
        self.place, self.keys, at = {}, list(dict.fromkeys(row[0] for row in within)), 0
        certain = set()
        for place, group in enumerate(groups):
            if at < end and at + len(group) > start:
                for row in group:
                    self.place.setdefault(row[0], place)
                if start <= at and at + len(group) <= end:
                    certain.update(row[0] for row in group)
            at += len(group)
        self.certain = certain

    def agrees(self, keys):
        """How the answers of another query compare: `SAME`, `ORDER`, or None."""
        keys = aligned(keys, self.place)
        if not (self.certain <= set(keys) <= set(self.place)) or len(keys) < len(self.keys):
            return None
        places = [self.place[one] for one in keys]
        return SAME if places == sorted(places) else ORDER


def winners(sparql, told, rows):
    """The rows of a prediction that are answers: where it ranks and does not cut, those as good as the first."""
    seconds = {json.dumps(row[1:2], sort_keys=True) for row in told}
    if not rows or not ordered(sparql) or CUT.search(sparql) or len(seconds) != 1 or len(told[0]) < 2:
        return rows
    return [row for row in rows if row[1:2] == rows[0][1:2]]


# The server.

def reply(url, path, body=None, kind="application/json", method=None, seconds=300):
    """The body of a reply; raises `Failed` with what the server says of a failure."""
    request = urllib.request.Request(f"{url}{path}", body, {"content-type": kind} if body else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise Failed(f"{error.code} {said(error.read(4096))}") from error
    except (OSError, ValueError) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error


def said(body):
    """What the body of an error says, in one line."""
    try:
        told = json.loads(body)
        return told["detail"] if "detail" in told else told["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")


def rows_of(url, name, sparql, seconds, named):
    """The rows of a query as keys; those without an answer are left out, an ASK has one cell."""
    form = urllib.parse.urlencode({"query": sparql, "timeout": int(1000 * seconds)}).encode()
    result = json.loads(reply(url, f"/kb/{name}/sparql", form, "application/x-www-form-urlencoded", seconds=seconds + 30))
    if "boolean" in result:
        return [["yes" if result["boolean"] else "no"]]
    columns = result["head"]["vars"]
    rows = ([row.get(column) for column in columns] for row in result["results"]["bindings"])
    return [[cell and key(cell, named) for cell in row] for row in rows if row and row[0]]


def ask(url, name, question):
    """The grounding of the answer to a question."""
    body = {"model": name, "temperature": 0, "almanac": {"model": "none"},
            "messages": [{"role": "user", "content": question["question"]}]}
    try:
        return json.loads(reply(url, "/v1/chat/completions", json.dumps(body).encode()))["choices"][0]["message"]["grounding"]
    except Failed as error:
        return {"status": "failed", "failure": str(error), "sparql": None, "answers": [], "rows": []}


class Copy:
    """A knowledge base of these triples, until the block ends."""

    def __init__(self, url, name, triples):
        self.url, self.name, self.triples = url, name, triples

    def __enter__(self):
        # Not PUT, which would take one that is there already, and delete it in the end.
        reply(self.url, "/kb", json.dumps({"name": self.name}).encode())
        try:
            reply(self.url, f"/kb/{self.name}/load", alteration.written(self.triples).encode(), "application/n-triples")
        except BaseException:
            self.__exit__()
            raise
        return self.name

    def __exit__(self, *_):
        reply(self.url, f"/kb/{self.name}", method="DELETE")


def compared(url, name, record, options, named):
    """How the two queries of a record compare on one graph, and the gold answers there."""
    try:
        sparql, window = uncut(record["gold"])
        gold = Gold(rows_of(url, name, sparql, options.timeout, named), window, ordered(record["gold"]))
    except Failed as error:
        return f"gold query failed: {error}", None
    if not record["sparql"]:
        return "no query", gold
    try:
        rows = rows_of(url, name, record["sparql"], options.timeout, named)
    except Failed as error:
        return f"query failed: {error}", gold
    rows = winners(record["sparql"], record["told"], rows)
    return gold.agrees([row[0] for row in rows]) or "other answers", gold


def on_graph(url, name, records, options, named):
    """Adds to each record how its queries compare on a graph."""
    for record, ((verdict, gold), _) in zip(records, common.each(
            records, lambda record: compared(url, name, record, options, named), options.threads)):
        record["verdicts"].append(verdict)
        record["golds"].append(gold)


def asked(url, name, path, options, named):
    """A record of each question that has an answer, as far as the original tells."""
    questions = [line for line in common.json_lines(path) if line.get("sparql") and not line.get("status")]
    groundings = common.each(questions, lambda question: ask(url, name, question), options.threads)
    records = [{
        "kb": name, "id": question["id"], "operator": question["operator"], "question": question["question"],
        "gold": declared(question["sparql"]), "sparql": told["sparql"], "status": told["status"], "failure": told.get("failure"),
        "told": told["rows"], "answers": [key(cell, named) for cell in told["answers"]], "verdicts": [], "golds": [],
    } for question, (told, _) in zip(questions, groundings)]
    on_graph(url, name, records, options, named)
    for record in records:
        gold = record["golds"][0]
        record["exact"] = bool(gold and record["answers"] and gold.agrees(record["answers"]))
    return records


def finish(record):
    """Closes a record: what the copies together say."""
    golds = record.pop("golds")
    record.pop("told")
    record["agrees"] = all(verdict == SAME for verdict in record["verdicts"])
    record["unordered"] = all(verdict in (SAME, ORDER) for verdict in record["verdicts"])
    # On how many copies the right answer is not what it was: where on none, agreement says little.
    record["moved"] = sum(bool(gold and golds[0] and set(gold.keys) != set(golds[0].keys)) for gold in golds[1:])
    return record


def table(records):
    """The report as lines."""
    exact = [record for record in records if record["exact"]]
    still = [record for record in records if not record["moved"]]
    pairs = [verdict for record in records for verdict in record["verdicts"][1:]]
    lines = [
        f"agree on all copies, of all questions: {shares(sum(r['agrees'] for r in records), len(records))}",
        f"  of those exact on the original: {shares(sum(r['agrees'] for r in exact), len(exact))}",
        f"  whatever the order: {sum(r['unordered'] for r in records)}",
        f"exact on the original: {shares(len(exact), len(records))}",
        f"pairs of question and copy that agree: {shares(pairs.count(SAME), len(pairs))}",
        f"pairs whose gold answer is not the original's: {shares(sum(r['moved'] for r in records), len(pairs))}",
        f"questions whose gold answer no copy changes, so that agreement says little: {len(still)}; "
        f"{sum(r['agrees'] for r in still)} of them agree",
    ]
    groups = collections.defaultdict(list)
    for record in records:
        groups[record["operator"]].append(record)
    for operator, group in groups.items():
        right = sum(r["agrees"] for r in group)
        lines.append(f"  {operator:18} {shares(right, len(group))}, exact {sum(r['exact'] for r in group)}")
    return lines


def notes(record):
    """What is to be said of one question."""
    places = collections.defaultdict(list)
    for at, verdict in enumerate(record["verdicts"]):
        places[verdict].append(f"copy {at}" if at else "the original")
    if record["exact"] and not record["agrees"]:
        told = "; ".join(f"{verdict} on {', '.join(places[verdict])}" for verdict in places if verdict != SAME)
        yield f"exact, but {record['id']}: {told}"
    elif record["agrees"] and not record["exact"]:
        yield f"the same everywhere, and not exact: {record['id']}"
    if record["failure"]:
        yield f"{record['id']} failed: {record['failure']}"
    for verdict in places:
        if "failed" in verdict and not record["exact"]:
            yield f"{record['id']}, {', '.join(places[verdict])}: {verdict}"


def measure(options, name, questions):
    """The records of the questions about one knowledge base."""
    url = options.url.rstrip("/")
    triples = alteration.parsed(reply(url, f"/kb/{name}/dump?format=nq&graph=default", seconds=600))
    named = labels(triples)
    records = asked(url, name, questions, options, named)
    altered = alteration.Alteration(triples, options.share)
    for at in range(1, options.copies + 1):
        with Copy(url, f"{name}-altered-{at}", altered.copy(f"{options.seed}/{at}")) as copy:
            on_graph(url, copy, records, options, named)
    return [finish(record) for record in records]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="a server that holds the graphs")
    parser.add_argument("--kb", required=True, action="append", help="the knowledge base that is the graph")
    parser.add_argument("--questions", required=True, action="append", help="about the knowledge base in the same place")
    parser.add_argument("--copies", type=int, default=5, help="[default: 5]")
    parser.add_argument("--seed", type=int, default=1, help="of the alterations [default: 1]")
    parser.add_argument("--share", type=float, default=0.1, help="of triples dropped, and of objects exchanged [default: 0.1]")
    parser.add_argument("--timeout", type=float, default=30, metavar="SECONDS", help="of one query [default: 30]")
    parser.add_argument("--threads", type=int, default=2, help="requests at the same time [default: 2]")
    parser.add_argument("--json", metavar="OUT", help="write a record of each question")
    options = parser.parse_args()
    if len(options.kb) != len(options.questions):
        parser.error("each --kb needs its --questions")
    # Asked to end, it takes away its copies like after any failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    records = []
    try:
        for name, questions in zip(options.kb, options.questions):
            records += (found := measure(options, name, questions))
            print("\n".join([name, *table(found), *(note for record in found for note in notes(record))]), flush=True)
    except Failed as error:
        sys.exit(str(error))
    if len(options.kb) > 1:
        print("\n".join(["all", *table(records)]))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"seed": options.seed, "share": options.share, "records": records}, file, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
