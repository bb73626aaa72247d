// A receiver of callbacks that trusts no code of ours: each call is verified by the reference library
// of Standard Webhooks and by OpenAI's SDK. Says what it saw as one line of JSON.
//
//   node callbacks.js URL KEY
import http from "node:http";
import OpenAI from "openai";
import { Webhook } from "standardwebhooks";

const [url, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

const calls = [];
const waiting = [];
let refusals = 1;
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    calls.push({ path: request.url, headers: request.headers, body });
    response.statusCode = request.url === "/flaky" && refusals-- > 0 ? 500 : 204;
    response.end();
    waiting.splice(0).forEach((wake) => wake());
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;

/** The calls to a path, once there are so many. */
async function received(path, count) {
  const limit = AbortSignal.timeout(60_000);
  for (;;) {
    const found = calls.filter((call) => call.path === path);
    if (found.length >= count) return found;
    await new Promise((resolve, reject) => {
      waiting.push(resolve);
      limit.onabort = () => reject(new Error(`${path}: ${found.length} of ${count} calls`));
    });
  }
}

async function verified(call, ...secrets) {
  const events = [];
  for (const secret of secrets) {
    events.push(new Webhook(secret).verify(call.body, call.headers));
    events.push(await client.webhooks.unwrap(call.body, call.headers, secret));
  }
  return events;
}

async function native(path, method = "GET", body) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const job = (more) => native("/v1/jobs", "POST", { model: "fast", messages: [{ role: "user", content: "hi" }], ...more });

const created = await client.webhooks.create({ name: "first", url: `${base}/flaky`, event_types: ["job.*"] });
const read = await client.webhooks.retrieve(created.id);
const listed = [];
for await (const endpoint of client.webhooks.list()) listed.push(endpoint.id);
const tested = await client.webhooks.test(created.id, { event_type: "batch.completed" });
await received("/flaky", 1);

// The test has used up the refusal; the next call is refused again, and made again.
refusals = 1;
const first = (await job({})).body;
const [, refused, taken] = await received("/flaky", 3);
const events = await verified(taken, created.signing_secret);
let forged = "accepted";
try {
  new Webhook(created.signing_secret).verify(taken.body.replace("succeeded", "failed"), taken.headers);
} catch (error) {
  forged = error.name;
}

// Both secrets sign for a while.
const rotated = await client.webhooks.rotateSecret(created.id, { keep_old_secret_active_for_24_hours: true });
const own = (await job({ callback_url: `${base}/flaky` })).body;
const [, , , both] = await received("/flaky", 4);
const rotatedEvents = await verified(both, created.signing_secret, rotated.signing_secret);

await client.webhooks.update(created.id, { name: "renamed", event_types: ["batch.*"] });
const secret = (await native("/v1/callback_secrets", "POST", { id: "mine" })).body.signing_secret;
const aside = (await job({ callback_url: `${base}/aside`, callback_secret_id: "mine" })).body;
const [unregistered] = await received("/aside", 1);
const asideEvents = await verified(unregistered, secret);

let deliveries;
for (;;) {
  deliveries = (await native(`/v1/jobs/${first.id}/deliveries`)).body.data;
  if (deliveries[0]?.status === "delivered") break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const again = await native(`/v1/callback_deliveries/${deliveries[0].id}/redeliver`, "POST");
const [, , , , repeated] = await received("/flaky", 5);
const deleted = await client.webhooks.delete(created.id);
const denied = await job({ callback_url: "https://169.254.169.254/latest" });

server.close();
server.closeAllConnections();
console.log(
  JSON.stringify({
    created: created.object,
    secretIsShownOnce: created.signing_secret.startsWith("whsec_") && read.signing_secret === undefined,
    listed: listed.includes(created.id),
    test: [tested.object, tested.status_code],
    sameId: refused.headers["webhook-id"] === taken.headers["webhook-id"],
    event: events[0],
    agree: events.every((event) => JSON.stringify(event) === JSON.stringify(events[0])),
    aboutFirst: events[0].data.id === first.id,
    forged,
    ownIsOnce: rotatedEvents.length === 4 && rotatedEvents.every((event) => event.data.id === own.id),
    aside: asideEvents.every((event) => event.data.id === aside.id),
    delivery: [deliveries[0].status, deliveries[0].attempts, deliveries[0].last_status_code],
    again: [again.status, repeated.headers["webhook-id"] === taken.headers["webhook-id"]],
    deleted: deleted.deleted,
    denied: [denied.status, denied.body.code, denied.body.pointer],
    calls: calls.length,
  }),
);
