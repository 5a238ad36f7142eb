"use strict";
// All text from the server enters the page as text nodes: nothing of it is ever read as markup.
const $ = (id) => document.getElementById(id);
let key = sessionStorage.getItem("almanac-key") || "";
let running = null;

const make = (tag, text, attributes = {}) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
const notice = (text) => { $("notice").textContent = text; };
const termText = (term) => (term && (term.label || term.value)) || "";

async function call(path, options = {}) {
  const headers = { ...(options.headers || {}) };
  if (key) headers.authorization = "Bearer " + key;
  const response = await fetch(path, { ...options, headers });
  if (response.status === 401) {
    $("login").hidden = false;
    $("key").focus();
  }
  if (!response.ok) {
    let detail = response.status + " " + response.statusText;
    try {
      const body = await response.json();
      detail = (body.error && body.error.message) || body.detail || detail;
    } catch { /* the status says enough */ }
    throw new Error(detail);
  }
  return response;
}

async function loadKnowledgeBases() {
  try {
    const list = await (await call("/kb")).json();
    const wanted = new URLSearchParams(location.search).get("kb");
    $("kb").replaceChildren(...list.items.map((kb) => {
      const option = make("option", `${kb.name} (${kb.quads.toLocaleString()} facts)`, { value: kb.name });
      option.selected = kb.name === wanted;
      return option;
    }));
    notice(list.items.length ? "" : "There is no knowledge base yet: create one with `almanac kb create NAME`.");
    $("login").hidden = true;
  } catch (error) { notice(error.message); }
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const data = buffer.slice(0, end).split("\n").filter((l) => l.startsWith("data: ")).map((l) => l.slice(6)).join("\n");
      buffer = buffer.slice(end + 2);
      if (data && data !== "[DONE]") yield JSON.parse(data);
    }
  }
}

function entityButton(kb, term) {
  if (!term || term.type !== "uri") return make("span", termText(term));
  const button = make("button", termText(term), { type: "button", class: "link", title: term.value });
  button.addEventListener("click", () => showEntity(kb, term.value));
  return button;
}

function showGrounding(kb, grounding) {
  const words = { grounded: "grounded in the facts below", ambiguous: "one of several readings", none: "known to be none",
    abstained: "not known here", ungrounded: "not from the knowledge base" };
  const reason = grounding.reason ? ` (${grounding.reason.replaceAll("_", " ")})` : "";
  $("status").textContent = `${words[grounding.status] || grounding.status}${reason}, revision ${grounding.revision}, ` +
    `confidence ${Number(grounding.confidence).toFixed(2)}`;
  $("citations").replaceChildren(...grounding.citations.map((c) => {
    const item = make("li", undefined, { value: String(c.id), id: "citation-" + c.id });
    if (c.kind === "fact") {
      item.append(entityButton(kb, c.subject), " — ", make("span", termText(c.predicate)), " — ", entityButton(kb, c.object));
      if (c.graph) item.append(make("small", ` in ${c.graph}`));
    } else {
      item.append(make("strong", c.title || c.document), ": ", make("span", c.text));
      if (c.url && /^https?:/i.test(c.url)) item.append(" ", make("a", "source", { href: c.url, rel: "noopener noreferrer" }));
    }
    return item;
  }));
  $("citations-title").hidden = !grounding.citations.length;
  $("query").textContent = grounding.sparql || "";
  $("query-box").hidden = !grounding.sparql;
}

async function showEntity(kb, iri) {
  try {
    const found = await (await call(`/kb/${encodeURIComponent(kb)}/entity?iri=${encodeURIComponent(iri)}`)).json();
    $("entity-title").textContent = termText(found.entity);
    const classes = found.classes.map(termText).join(", ");
    const names = found.aliases.length ? `also known as ${found.aliases.slice(0, 20).join(", ")}` : "";
    $("entity-about").textContent = [found.entity.value, classes, names].filter(Boolean).join(" · ");
    $("facts").replaceChildren(...[...found.outgoing, ...found.incoming].map((fact) => {
      const row = make("tr");
      for (const [term, linked] of [[fact.subject, true], [fact.predicate, false], [fact.object, true]]) {
        const cell = make("td");
        cell.append(linked ? entityButton(kb, term) : termText(term));
        row.append(cell);
      }
      return row;
    }));
    $("entity-more").textContent = found.truncated ? "There are more facts than are listed here." : "";
    $("entity").hidden = false;
    $("entity").focus();
  } catch (error) { notice(error.message); }
}

async function ask(event) {
  event.preventDefault();
  if (running) running.abort();
  const abort = running = new AbortController();
  const kb = $("kb").value;
  notice("");
  $("answer").textContent = "";
  $("status").textContent = "looking it up ...";
  $("citations").replaceChildren();
  $("citations-title").hidden = $("query-box").hidden = $("entity").hidden = true;
  $("result").hidden = $("stop").hidden = false;
  try {
    const response = await call("/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      signal: abort.signal,
      body: JSON.stringify({ model: kb, stream: true, messages: [{ role: "user", content: $("question").value }] }),
    });
    for await (const chunk of events(response)) {
      if (chunk.error) throw new Error(chunk.error.message);
      const delta = chunk.choices[0] && chunk.choices[0].delta;
      if (!delta) continue;
      if (delta.content) $("answer").append(delta.content);
      if (delta.grounding) showGrounding(kb, delta.grounding);
    }
  } catch (error) {
    $("status").textContent = "";
    if (error.name !== "AbortError") notice(error.message);
  } finally {
    if (running === abort) { running = null; $("stop").hidden = true; }
  }
}

$("ask").addEventListener("submit", ask);
$("stop").addEventListener("click", () => running && running.abort());
$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  key = $("key").value.trim();
  sessionStorage.setItem("almanac-key", key);
  $("key").value = "";
  loadKnowledgeBases();
});
loadKnowledgeBases();
