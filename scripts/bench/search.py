"""How well a search finds the documents that were judged relevant.

    scripts/bench/search.py --queries FILE --qrels FILE [--corpus FILE] [--url URL --kb NAME] [--sample 200]

The files are those of a corpus in BEIR's layout, plain or .gz: `corpus.jsonl` and `queries.jsonl` with `_id`, `title` and
`text`, and judgements as `query-id`, `corpus-id` and `score` parted by tabs. With `--corpus`, its documents are loaded
first; a server that is started for the occasion needs them.

Asks `GET /kb/NAME/search` for 100 passages and takes their documents in order, each once. Prints nDCG@10 and recall@100 over
the queries that have judgements, with 95 % intervals, and the time of a search.
"""

import argparse
import collections
import math
import urllib.parse

import common

NDCG_AT = 10
RECALL_AT = 100


def judgements(text):
    """The gains of documents by query. Those that were judged irrelevant are left out."""
    found = collections.defaultdict(dict)
    for line in text.splitlines():
        query, document, score = line.split("\t")
        # The first line may name the columns.
        if score.strip().lstrip("-").isdecimal() and int(score) > 0:
            found[query][document] = int(score)
    return dict(found)


def discounted(gains):
    """The sum of gains, each divided by the logarithm of its place."""
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))


def ndcg(ranked, gains, at=NDCG_AT):
    """The discounted gain of the first documents, as a share of the best that there could be."""
    best = sorted(gains.values(), reverse=True)[:at]
    return discounted([gains.get(document, 0) for document in ranked[:at]]) / discounted(best)


def recall(ranked, gains, at=RECALL_AT):
    """The share of the relevant documents that are among the first."""
    return len(gains.keys() & set(ranked[:at])) / len(gains)


def documents_of(reply):
    """The documents of the passages found, the best first, each once."""
    return list(dict.fromkeys(passage["document"] for passage in reply["passages"]))


def document(line):
    """A line of the corpus as a document of the knowledge base. One without a text is its title."""
    return {"id": line["_id"], "title": line.get("title") or None, "text": line.get("text") or line.get("title")}


def measure(url, options):
    if options.corpus:
        corpus = [document(line) for line in common.json_lines(options.corpus)]
        common.load_documents(url, options.kb, [one for one in corpus if one["text"]])
    gains = judgements(common.text_of(options.qrels))
    queries = [query for query in common.json_lines(options.queries) if query["_id"] in gains]
    queries = common.some(queries, options.sample, options.seed)

    def ask(query):
        words = urllib.parse.urlencode({"q": query["text"], "limit": RECALL_AT})
        return documents_of(common.call(url, f"/kb/{options.kb}/search?{words}"))

    found = common.each(queries, ask, options.threads)
    ranked = [(ranked, gains[query["_id"]]) for query, (ranked, _) in zip(queries, found)]
    for name, metric in [(f"nDCG@{NDCG_AT}", ndcg), (f"recall@{RECALL_AT}", recall)]:
        print(f"{name}: {common.mean([metric(*one) for one in ranked], options.seed)}")
    print(f"a search: {common.times(found)}, {options.threads} at the same time")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--qrels", required=True)
    parser.add_argument("--corpus", help="load its documents first")
    common.text_options(parser)
    options = parser.parse_args()
    if not (options.url or options.corpus):
        parser.error("a server that is started for the occasion holds no documents: --corpus is missing")
    common.with_server(options, lambda url: measure(url, options))


if __name__ == "__main__":
    main()
