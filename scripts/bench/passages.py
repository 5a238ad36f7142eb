"""How well questions are answered from passages alone, and left unanswered where these do not answer.

    scripts/bench/passages.py --questions FILE --passages FILE [--url URL --kb NAME --loaded] [--sample 200]

Questions are lines of `{"question", "answers": [...], "entity"}`, with the name of what the question is about; passages are
lines of `{"_id", "title", "text"}`, as a corpus in BEIR's layout has them; both plain or .gz. The passages are loaded first,
unless they are `--loaded` already; they also tell the two sorts of questions apart.

- Where a passage names the subject and holds a right answer, a right answer is wanted: a span of at most eight words that is one
  of the answers, but for case, punctuation and articles.
- Elsewhere an abstention is wanted.
"""

import argparse
import collections
import json
import re
import unicodedata

import common

MOST_WORDS = 8
ARTICLES = {"a", "an", "the"}


def words(text):
    """The words of a text, without case or punctuation."""
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def folded(text):
    """The words without articles, in one string with a space at each end, so that one holds another at words alone."""
    kept = [word for word in words(text) if word not in ARTICLES]
    return f" {' '.join(kept)} "


def answerable(question, passages):
    """Whether one passage, of those given folded, names the subject and holds a right answer."""
    subject = folded(question["entity"])
    gold = [folded(answer) for answer in question["answers"]]
    gold = [answer for answer in gold if answer.strip()]
    return any(subject in passage and any(answer in passage for answer in gold) for passage in passages)


def outcome(grounding, gold):
    """What became of a question: abstained, or answered with a right answer or a wrong one."""
    if grounding["status"] in ("abstained", "ungrounded"):
        return "abstained"
    told = [term.get("label") or term["value"] for term in grounding["answers"]]
    right = {folded(answer) for answer in gold}
    short = told and len(told[0].split()) <= MOST_WORDS
    return "exact" if short and folded(told[0]) in right else "wrong"


def document(line):
    """A passage as a document of the knowledge base."""
    return {"id": line["_id"], "title": line.get("title") or None, "text": line["text"]}


def measure(url, options):
    passages = common.json_lines(options.passages)
    if not options.loaded:
        common.load_documents(url, options.kb, [document(line) for line in passages])
    questions = common.some(common.json_lines(options.questions), options.sample, options.seed)
    texts = [folded(f"{line.get('title') or ''} {line['text']}") for line in passages]

    def ask(question):
        body = {"model": options.kb, "temperature": 0, "almanac": {"model": "none"},
                "messages": [{"role": "user", "content": question["question"]}]}
        reply = common.call(url, "/v1/chat/completions", json.dumps(body).encode())
        return outcome(reply["choices"][0]["message"]["grounding"], question["answers"])

    found = common.each(questions, ask, options.threads)
    sorts = collections.defaultdict(list)
    for question, (became, _) in zip(questions, found):
        sorts[answerable(question, texts)].append(became)
    for held, name, wanted in [(True, "a passage answers", "exact"), (False, "no passage answers", "abstained")]:
        if became := sorts[held]:
            print(f"{name}: {wanted} {common.mean([float(one == wanted) for one in became], options.seed)}")
            others = collections.Counter(one for one in became if one != wanted)
            print("  otherwise: " + (", ".join(f"{what} {count}" for what, count in sorted(others.items())) or "nothing"))
    print(f"an answer: {common.times(found)}, {options.threads} at the same time")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--passages", required=True)
    parser.add_argument("--loaded", action="store_true", help="the knowledge base holds the passages already")
    common.text_options(parser)
    options = parser.parse_args()
    if options.loaded and not options.url:
        parser.error("--loaded needs the --url of a server that has the passages")
    common.with_server(options, lambda url: measure(url, options))


if __name__ == "__main__":
    main()
