// A caller of the Responses endpoint with OpenAI's own SDK. Says what it saw as one line of JSON.
//
//   node responses.js URL KEY answer|conversation|background|begin|resume ID AFTER|cancel|vectors|errors
import OpenAI from "openai";

const [url, apiKey, scene, ...rest] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const input = "Say something about water.";

async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
  throw new Error("the call should have failed");
}

async function eventsOf(stream) {
  const events = [];
  for await (const event of stream) {
    events.push(event);
  }
  return events;
}

async function ended(id) {
  for (;;) {
    const response = await client.responses.retrieve(id);
    if (!["queued", "in_progress"].includes(response.status)) {
      return response;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const textOf = (events) =>
  events.filter((event) => event.type === "response.output_text.delta").map((event) => event.delta).join("");
const numbersOf = (events) => events.map((event) => event.sequence_number);

async function answer() {
  const { data, request_id: requestId } = await client.responses
    .create({ model: "fast", input, metadata: { team: "red" } })
    .withResponse();
  const events = await eventsOf(await client.responses.create({ model: "fast", input, stream: true }));
  const last = events.at(-1);
  const helper = client.responses.stream({ model: "fast", input });
  const final = await helper.finalResponse();
  const later = await fetch(`${url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", prefer: "respond-async" },
    body: JSON.stringify({ model: "fast", input }),
  });
  return {
    requestId,
    id: data.id,
    status: data.status,
    text: data.output_text,
    metadata: data.metadata,
    usage: data.usage,
    kept: (await client.responses.retrieve(data.id)).output_text,
    types: events.map((event) => event.type),
    numbers: numbersOf(events),
    streamed: textOf(events),
    completed: last.response.output[0].content[0].text,
    helped: { status: final.status, text: final.output_text },
    later: { status: later.status, object: (await later.json()).object },
  };
}

async function conversation() {
  const first = await client.responses.create({ model: "fast", input: "one", instructions: "be kind" });
  const second = await client.responses.create({ model: "fast", input: "two", previous_response_id: first.id });
  const third = await client.responses.create({
    model: "fast",
    input: [{ role: "user", content: "three" }],
    previous_response_id: second.id,
  });
  const items = [];
  for await (const item of client.responses.inputItems.list(third.id, { order: "asc", limit: 2 })) {
    items.push(item);
  }
  const said = (item) => item.content.map((part) => part.text).join("");
  await client.responses.delete(first.id);
  return {
    previous: third.previous_response_id === second.id,
    instructions: second.instructions,
    roles: items.map((item) => item.role),
    asked: items.filter((item) => item.role === "user").map(said),
    answered: said(items[1]) === first.output_text && said(items[3]) === second.output_text,
    deleted: await errorOf(client.responses.retrieve(first.id)),
    unstored: await errorOf(
      client.responses
        .create({ model: "fast", input, store: false })
        .then((response) => client.responses.create({ model: "fast", input, previous_response_id: response.id })),
    ),
  };
}

async function background() {
  const queued = await client.responses.create({ model: "fast", input, background: true, metadata: { team: "red" } });
  const response = await ended(queued.id);
  const streamed = await client.responses.create({ model: "fast", input, background: true, stream: true });
  const events = await eventsOf(streamed);
  const id = events[0].response.id;
  const again = await eventsOf(await client.responses.retrieve(id, { stream: true }));
  const tail = await eventsOf(await client.responses.retrieve(id, { stream: true, starting_after: 4 }));
  const helped = await client.responses.stream({ response_id: id, starting_after: 4 }).finalResponse();
  const unstreamed = await eventsOf(await client.responses.retrieve(queued.id, { stream: true }));
  return {
    first: queued.status,
    background: queued.background,
    metadata: queued.metadata,
    last: response.status,
    text: response.output_text,
    types: events.map((event) => event.type),
    numbers: numbersOf(events),
    same: JSON.stringify(events) === JSON.stringify(again),
    tail: JSON.stringify(events.slice(5)) === JSON.stringify(tail),
    helped: helped.output_text === textOf(events),
    unstreamed: textOf(unstreamed) === response.output_text,
  };
}

// Leaves in the middle of a background response.
async function begin() {
  const stream = await client.responses.create({ model: "slow", input, background: true, stream: true });
  const seen = [];
  for await (const event of stream) {
    seen.push(event);
    if (seen.length === 12) {
      break;
    }
  }
  return { id: seen[0].response.id, after: seen.at(-1).sequence_number, text: textOf(seen), numbers: numbersOf(seen) };
}

// Comes back for what it has not seen. Where an attempt broke off it asks again, and is given the
// next one from its beginning.
async function resume() {
  const [id, seen] = rest;
  const numbers = [];
  let after = Number(seen);
  let events = [];
  let over = false;
  while (!over) {
    try {
      for await (const event of await client.responses.retrieve(id, { stream: true, starting_after: after })) {
        events = event.type === "response.created" ? [event] : [...events, event];
        after = event.sequence_number;
        numbers.push(after);
      }
      over = true;
    } catch (error) {
      if (error.code !== "stream_interrupted") {
        throw error;
      }
    }
  }
  const all = await eventsOf(await client.responses.retrieve(id, { stream: true }));
  return {
    numbers,
    text: textOf(events),
    whole: textOf(all),
    answer: (await client.responses.retrieve(id)).output_text,
  };
}

async function cancel() {
  const { id } = await client.responses.create({ model: "endless", input, background: true, stream: false });
  const cancelled = await client.responses.cancel(id);
  const stream = await client.responses.retrieve(id, { stream: true });
  return {
    status: cancelled.status,
    again: (await client.responses.cancel(id)).status,
    kept: (await client.responses.retrieve(id)).status,
    stream: await errorOf(eventsOf(stream)),
  };
}

async function vectors() {
  const embed = async (of) => (await client.embeddings.create({ model: "fast", input: of })).data.length;
  const moderation = await client.moderations.create({ model: "fast", input: ["a", "b"] });
  const completion = await client.completions.create({ model: "fast", prompt: [1, 2, 3] });
  return {
    text: await embed("a"),
    texts: await embed(["a", "b"]),
    tokens: await embed([1, 2, 3]),
    tokenLists: await embed([[1, 2], [3]]),
    moderated: moderation.results.length,
    completed: completion.choices[0].text.length > 0,
  };
}

async function errors() {
  const ask = (body) => client.responses.create({ model: "fast", input, ...body });
  const waiting = await ask({});
  return {
    noInput: await errorOf(ask({ input: undefined })),
    noModel: await errorOf(ask({ model: "no-such-model" })),
    conversation: await errorOf(ask({ conversation: "conv_1" })),
    unstored: await errorOf(ask({ background: true, store: false })),
    previous: await errorOf(ask({ previous_response_id: "resp_00000000000000000000000000" })),
    unknown: await errorOf(client.responses.retrieve("resp_unknown")),
    notBackground: await errorOf(client.responses.cancel(waiting.id)),
    refused: await errorOf(ask({ model: "refused" })),
  };
}

const scenes = { answer, conversation, background, begin, resume, cancel, vectors, errors };
console.log(JSON.stringify(await scenes[scene]()));
