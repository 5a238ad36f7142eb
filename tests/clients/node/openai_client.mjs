// The official Node SDK against an Almanac server with the knowledge base `lanterns`.
import assert from "node:assert/strict";
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from "openai";

const client = new OpenAI({
  baseURL: process.env.ALMANAC_URL + "/v1",
  apiKey: process.env.ALMANAC_KEY,
  maxRetries: 0,
});
const messages = [{ role: "user", content: "Who is the keeper of Brannoch Light?" }];

function checkGrounding(grounding) {
  assert.equal(grounding.status, "grounded");
  assert.equal(grounding.knowledge_base, "lanterns");
  assert.deepEqual(grounding.answers.map((a) => a.label), ["Tobias Fenn"]);
  assert.equal(grounding.rows[0][0].value, "http://lantern.example/tobias");
  assert.deepEqual(grounding.citations.map((c) => c.id), [1]);
  assert.equal(grounding.citations[0].object.label, "Tobias Fenn");
}

async function create() {
  const completion = await client.chat.completions.create({ model: "lanterns", messages });
  const { message, finish_reason } = completion.choices[0];
  assert.match(message.content, /Tobias Fenn/);
  assert.equal(finish_reason, "stop");
  checkGrounding(message.grounding);
  return message.content;
}

async function createStream(expected) {
  const stream = await client.chat.completions.create({
    model: "lanterns", messages, stream: true, stream_options: { include_usage: true },
  });
  let text = "";
  const groundings = [];
  let usage = null;
  for await (const chunk of stream) {
    if (chunk.choices.length === 0) {
      usage = chunk.usage;
      continue;
    }
    text += chunk.choices[0].delta.content ?? "";
    if (chunk.choices[0].delta.grounding) groundings.push(chunk.choices[0].delta.grounding);
  }
  assert.equal(text, expected);
  assert.ok(usage && Number.isInteger(usage.total_tokens));
  assert.equal(groundings.length, 1);
  checkGrounding(groundings[0]);
}

// The SDK's own accumulator, which merges the deltas into one message.
async function streamHelper(expected) {
  let deltas = "";
  const runner = client.chat.completions.stream({ model: "lanterns", messages });
  runner.on("content", (delta) => { deltas += delta; });
  const message = await runner.finalMessage();
  assert.equal(deltas, expected);
  assert.equal(message.content, expected);
  checkGrounding(message.grounding);
}

async function models() {
  const kinds = {};
  for await (const model of client.models.list()) kinds[model.kind] = model.id;
  assert.equal(kinds.knowledge_base, "lanterns");
  assert.equal((await client.models.retrieve("lanterns")).id, "lanterns");
  return kinds;
}

async function embeddings(model) {
  const input = ["a lighthouse", "a beacon"];
  const decoded = await client.embeddings.create({ model, input });
  const plain = await client.embeddings.create({ model, input, encoding_format: "float" });
  decoded.data.forEach((entry, i) => {
    assert.equal(entry.embedding.length, 384);
    entry.embedding.forEach((x, j) => assert.ok(Math.abs(x - plain.data[i].embedding[j]) < 1e-6));
  });
}

async function errors() {
  const chat = (body) => client.chat.completions.create({ model: "lanterns", messages, ...body });
  await assert.rejects(chat({ model: "atlantis" }), (e) => e instanceof NotFoundError && e.code === "model_not_found");
  await assert.rejects(chat({ n: 2 }), (e) => e instanceof BadRequestError && e.param === "n");
  await assert.rejects(chat({ messages: [] }), BadRequestError);
  await assert.rejects(client.models.retrieve("atlantis"), NotFoundError);
  await assert.rejects(chat({ model: "atlantis", stream: true }), NotFoundError);
  if (process.env.ALMANAC_KEY.startsWith("alm_")) {
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: "alm_wrong_key", maxRetries: 0 });
    await assert.rejects(stranger.models.list(), (e) => e instanceof AuthenticationError && e.code === "invalid_api_key");
  }
}

const content = await create();
await createStream(content);
await streamHelper(content);
const kinds = await models();
if (kinds.embedder) await embeddings(kinds.embedder);
await errors();
console.log("all is well");
