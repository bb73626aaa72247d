// A caller with OpenAI's own SDK. Says what it saw as one line of JSON.
//
//   node openai.js URL KEY chat|stream|models|errors|abort
import OpenAI from "openai";

const [url, apiKey, scene] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "Say something about water." }];

async function chat() {
  const { data, request_id: requestId } = await client.chat.completions.create({ model: "fast", messages }).withResponse();
  return { requestId, text: data.choices[0].message.content, finish: data.choices[0].finish_reason, usage: data.usage };
}

async function stream() {
  const { data, request_id: requestId } = await client.chat.completions
    .create({ model: "fast", messages, stream: true, stream_options: { include_usage: true } })
    .withResponse();
  const seen = { requestId, text: "", chunks: 0, finish: null, usage: null, choicesWithUsage: null };
  for await (const chunk of data) {
    seen.chunks += 1;
    seen.text += chunk.choices[0]?.delta?.content ?? "";
    seen.finish = chunk.choices[0]?.finish_reason ?? seen.finish;
    if (chunk.usage) {
      seen.usage = chunk.usage;
      seen.choicesWithUsage = chunk.choices.length;
    }
  }
  return seen;
}

async function models() {
  const ids = [];
  for await (const model of client.models.list()) {
    ids.push(model.id);
  }
  return { ids, one: (await client.models.retrieve("fast")).id };
}

async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code, param: error.param, type: error.type };
  }
  throw new Error("the call should have failed");
}

async function errors() {
  const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: "sk-nobody", maxRetries: 0 });
  const ask = (body) => client.chat.completions.create({ model: "fast", messages, ...body });
  return {
    wrongKey: await errorOf(stranger.chat.completions.create({ model: "fast", messages })),
    wrongType: await errorOf(ask({ temperature: "hot" })),
    noMessages: await errorOf(ask({ messages: undefined })),
    unknownModel: await errorOf(ask({ model: "no-such-model" })),
    unknownModelToRead: await errorOf(client.models.retrieve("no-such-model")),
    refusedByProvider: await errorOf(ask({ model: "refused" })),
  };
}

// Leaves in the middle of an answer that would take minutes.
async function abort() {
  const controller = new AbortController();
  const { data, request_id: requestId } = await client.chat.completions
    .create({ model: "slow", messages, stream: true }, { signal: controller.signal })
    .withResponse();
  let chunks = 0;
  for await (const chunk of data) {
    chunks += chunk.choices.length;
    controller.abort();
  }
  const waiting = new AbortController();
  const answer = client.chat.completions.create({ model: "slow", messages }, { signal: waiting.signal });
  setTimeout(() => waiting.abort(), 200);
  return { requestId, chunks, error: await errorOf(answer) };
}

const scenes = { chat, stream, models, errors, abort };
console.log(JSON.stringify(await scenes[scene]()));
