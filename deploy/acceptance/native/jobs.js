// A tenant's own program over Kafka, with clients that are not ours: asks for jobs in
// sluice.intake.<tenant>, waits for their results in sluice.results.<tenant>, and prints what came
// as one line of JSON.
//
//   node jobs.js BROKERS REGISTRY_URL TENANT MARKER COUNT
import { readFileSync } from "node:fs";
import {
  AvroDeserializer,
  AvroSerializer,
  SchemaRegistryClient,
  SerdeType,
} from "@confluentinc/schemaregistry";
import { Kafka, logLevel } from "kafkajs";

const [brokers, registryUrl, tenant, marker, count] = process.argv.slice(2);
const intake = `sluice.intake.${tenant}`;
const results = `sluice.results.${tenant}`;
const registry = SchemaRegistryClient.newClient({ baseURLs: [registryUrl] });
const kafka = new Kafka({ clientId: tenant, brokers: brokers.split(","), logLevel: logLevel.ERROR });

// The results first, so that none is missed.
const consumer = kafka.consumer({ groupId: `${tenant}-${marker}`, readUncommitted: false });
const deserializer = new AvroDeserializer(registry, SerdeType.VALUE, {});
const seen = { results: 0, ids: new Set(), succeeded: 0, tags: new Set() };
await consumer.connect();
await consumer.subscribe({ topics: [results], fromBeginning: true });
const all = new Promise((resolve, reject) => {
  consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
  consumer.run({
    eachMessage: async ({ message }) => {
      const tags = JSON.parse(message.headers["sluice-tags"].toString());
      if (tags.marker !== marker) {
        return;
      }
      const result = await deserializer.deserialize(results, message.value);
      seen.results += 1;
      seen.ids.add(result.job_id);
      seen.tags.add(tags.number);
      seen.succeeded += result.status === "SUCCEEDED" && result.result.length > 0 ? 1 : 0;
      if (seen.ids.size === Number(count)) {
        resolve();
      }
    },
  });
});

// A job is the body of POST /v1/jobs. Who may write to the topic is the tenant; there is no key.
const schema = readFileSync(new URL("../../../schemas/avro/JobRequest.avsc", import.meta.url), "utf8");
await registry.register(`${intake}-value`, { schemaType: "AVRO", schema });
const serializer = new AvroSerializer(registry, SerdeType.VALUE, { useLatestVersion: true });
const producer = kafka.producer();
await producer.connect();
for (let number = 1; number <= Number(count); number += 1) {
  const job = {
    model: "m",
    messages: [{ role: "user", content: `Hello ${number}` }],
    tags: { marker, number: String(number) },
    deadline: "PT1H",
  };
  const value = await serializer.serialize(intake, { job: Buffer.from(JSON.stringify(job)), tenant: null });
  await producer.send({ topic: intake, acks: -1, messages: [{ key: String(number), value }] });
}
await producer.disconnect();

await all;
await consumer.disconnect();
console.log(
  JSON.stringify({
    results: seen.results,
    distinct: seen.ids.size,
    succeeded: seen.succeeded,
    numbers: seen.tags.size,
  }),
);
process.exit(0);
