#!/usr/bin/env bash
# curl against an Almanac server with the knowledge base `lanterns`, as a page of the documentation would say it.
set -euo pipefail

auth=()
[ -z "${ALMANAC_KEY:-}" ] || auth=(-u "anyone:$ALMANAC_KEY")
call() { curl --silent --show-error --noproxy '*' --max-time 60 "${auth[@]}" "$@"; }
status() { call --output /dev/null --write-out '%{http_code}' "$@"; }
expect() { [ "$1" = "$2" ] || { echo "expected $2, got $1: $3" >&2; exit 1; }; }
contains() { case "$1" in *"$2"*) ;; *) echo "no '$2' in: $1" >&2; exit 1 ;; esac; }

kb="$ALMANAC_URL/kb/lanterns"
question='{"model": "lanterns", "messages": [{"role": "user", "content": "Who is the keeper of Brannoch Light?"}]}'

answer="$(call "$ALMANAC_URL/v1/chat/completions" -H 'Content-Type: application/json' -d "$question")"
contains "$answer" "Tobias Fenn"
contains "$answer" '"status":"grounded"'

stream="$(call --no-buffer "$ALMANAC_URL/v1/chat/completions" -H 'Content-Type: application/json' -d "${question%\}}, \"stream\": true}")"
contains "$stream" "data: [DONE]"

rows="$(call -G "$kb/sparql" --data-urlencode 'query=SELECT ?n { <http://lantern.example/pale> <http://www.w3.org/2000/01/rdf-schema#label> ?n }' -H 'Accept: text/csv')"
contains "$rows" "Pale Beacon"

graph="$kb/rdf-graph-store?graph=http%3A%2F%2Fclients.example%2Fcurl"
expect "$(printf '<http://a.example/s> <http://a.example/p> "o" .' | status -X PUT "$graph" -H 'Content-Type: text/turtle' --data-binary @-)" 201 "PUT"
contains "$(call "$graph" -H 'Accept: application/n-triples')" '<http://a.example/s> <http://a.example/p> "o" .'
# A body of more than 1 KB is announced with `Expect: 100-continue` by some versions.
for i in $(seq 200); do printf '<http://a.example/%s> <http://a.example/p> "some text that makes the line longer" .\n' "$i"; done |
    status -X POST "$graph" -H 'Content-Type: text/turtle' --data-binary @- | grep -qE '^20[04]$'
expect "$(status -X DELETE "$graph")" 204 "DELETE"
expect "$(status "$graph")" 404 "GET after DELETE"
expect "$(status -I "$ALMANAC_URL/livez")" 200 "HEAD"

contains "$(call "$kb/search?q=ferry")" '"document":"ferry"'
contains "$(call --compressed "$ALMANAC_URL/openapi.json")" '"openapi": "3.1'
contains "$(call "$ALMANAC_URL/metrics")" "almanac_"
echo "all is well"
