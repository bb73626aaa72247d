// A caller with Anthropic's own SDK. Says what it saw as one line of JSON.
//
//   node anthropic.js URL KEY message|stream|models|errors
import Anthropic from "@anthropic-ai/sdk";

const [url, apiKey, scene] = process.argv.slice(2);
const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey, authToken: null, maxRetries: 0 });
const direct = new Anthropic({ baseURL: url, apiKey: null, authToken: apiKey, maxRetries: 0 });
const older = new Anthropic({
  baseURL: url,
  apiKey,
  authToken: null,
  maxRetries: 0,
  defaultHeaders: { "anthropic-version": "2023-06-01" },
});
const messages = [{ role: "user", content: "Say something about water." }];
const asked = { model: "fast", max_tokens: 4096, messages };
const textOf = (message) => message.content.map((block) => block.text ?? "").join("");

async function message() {
  const answer = await client.messages.create({ ...asked, metadata: { user_id: "u-1" } });
  return {
    id: answer.id,
    requestId: answer._request_id,
    type: answer.type,
    role: answer.role,
    text: textOf(answer),
    stop: answer.stop_reason,
    usage: answer.usage,
    direct: textOf(await direct.messages.create(asked)).length,
    older: textOf(await older.messages.create(asked)).length,
    tokens: (await client.messages.countTokens({ model: "fast", messages })).input_tokens,
  };
}

async function stream() {
  const events = [];
  for await (const event of await client.messages.create({ ...asked, stream: true })) {
    events.push(event);
  }
  const helped = await client.messages.stream(asked).finalMessage();
  const deltas = events.filter((event) => event.type === "content_block_delta");
  return {
    id: events[0].message.id,
    types: [...new Set(events.map((event) => event.type))],
    deltas: deltas.length,
    text: deltas.map((event) => event.delta.text).join(""),
    stop: events.find((event) => event.type === "message_delta").delta.stop_reason,
    output: events.find((event) => event.type === "message_delta").usage.output_tokens,
    helped: { text: textOf(helped), stop: helped.stop_reason },
  };
}

async function models() {
  const ids = async (of) => {
    const seen = [];
    for await (const model of of.models.list({ limit: 1 })) {
      seen.push(model.id);
    }
    return seen;
  };
  return { mounted: await ids(client), direct: await ids(direct), one: await client.models.retrieve("fast") };
}

async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    return {
      name: error.constructor._errorName ?? error.constructor.name,
      status: error.status,
      type: error.type,
      named: Boolean(error.requestID) && error.requestID === error.error.request_id,
    };
  }
  throw new Error("the call should have failed");
}

async function errors() {
  const stranger = new Anthropic({ baseURL: url, apiKey: "sk-nobody", authToken: null, maxRetries: 0 });
  const ask = (body) => client.messages.create({ ...asked, ...body });
  return {
    wrongKey: await errorOf(stranger.messages.create(asked)),
    noLimit: await errorOf(ask({ max_tokens: undefined })),
    unknownModel: await errorOf(ask({ model: "no-such-model" })),
    unknownModelToRead: await errorOf(client.models.retrieve("no-such-model")),
    refused: await errorOf(ask({ model: "refused" })),
  };
}

const scenes = { message, stream, models, errors };
console.log(JSON.stringify(await scenes[scene]()));
