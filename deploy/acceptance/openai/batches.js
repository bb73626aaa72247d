// Files and batches with OpenAI's own SDK. Says what it saw as one line of JSON.
//
//   node batches.js URL KEY batch|cancel
import OpenAI, { toFile } from "openai";

const [url, apiKey, scene] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const ENDED = ["completed", "failed", "expired", "cancelled"];
const LIMIT_MS = 60_000;

function lines(count, model) {
  const body = { model, max_tokens: 4, messages: [{ role: "user", content: "Say something about water." }] };
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({ custom_id: `line-${i}`, method: "POST", url: "/v1/chat/completions", body }),
  ).join("\n");
}

async function create(count, model) {
  const file = await client.files.create({ file: await toFile(Buffer.from(lines(count, model)), "in.jsonl"), purpose: "batch" });
  const batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
    metadata: { team: "blue" },
  });
  return { file, batch };
}

async function end(id) {
  const until = Date.now() + LIMIT_MS;
  let batch = await client.batches.retrieve(id);
  while (!ENDED.includes(batch.status) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    batch = await client.batches.retrieve(id);
  }
  return batch;
}

async function contentOf(fileId) {
  const text = await (await client.files.content(fileId)).text();
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

async function batch() {
  const { file, batch: created } = await create(20, "fast");
  const done = await end(created.id);
  const answers = await contentOf(done.output_file_id);
  const listed = [];
  for await (const one of client.batches.list({ limit: 1 })) {
    listed.push(one.id);
  }
  const files = [];
  for await (const one of client.files.list({ purpose: "batch" })) {
    files.push(one.id);
  }
  const deleted = await client.files.delete(file.id);
  return {
    filePurpose: file.purpose,
    created: created.object,
    metadata: done.metadata,
    status: done.status,
    counts: done.request_counts,
    customIds: answers.map((line) => line.custom_id).sort(),
    objects: [...new Set(answers.map((line) => line.response.body.object))],
    cost: done.sluice.cost_usd,
    listed: listed.includes(created.id),
    fileListed: files.includes(file.id),
    deleted: deleted.deleted,
  };
}

async function cancel() {
  const { batch: created } = await create(20, "slow");
  const cancelling = await client.batches.cancel(created.id);
  const ended = await end(created.id);
  return { cancelling: cancelling.status, ended: ended.status };
}

const scenes = { batch, cancel };
console.log(JSON.stringify(await scenes[scene]()));
