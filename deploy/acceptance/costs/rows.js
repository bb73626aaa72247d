// Finance with kafkajs and Confluent's registry client: reads sluice.costs, committed rows only,
// until each of the named jobs has an attempt and a charge. Prints their rows as one line of JSON.
//
//   node costs.js BROKERS REGISTRY_URL JOB_ID...
import { AvroDeserializer, SchemaRegistryClient, SerdeType } from "@confluentinc/schemaregistry";
import { Kafka, logLevel } from "kafkajs";

const [brokers, registryUrl, ...jobs] = process.argv.slice(2);
const topic = "sluice.costs";
const registry = SchemaRegistryClient.newClient({ baseURLs: [registryUrl] });
const deserializer = new AvroDeserializer(registry, SerdeType.VALUE, {});
const kafka = new Kafka({ clientId: "finance", brokers: brokers.split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: "finance", readUncommitted: false });

// An Avro decimal is a big-endian two's complement integer; ours have twelve decimal places.
const picoUsd = (bytes) => (bytes === null ? null : BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString("hex")}`)).toString());

const rows = [];
const wanted = new Set(jobs.flatMap((job) => [`${job} attempt`, `${job} charge`]));

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await new Promise((resolve, reject) => {
  consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
  consumer.run({
    eachMessage: async ({ message }) => {
      const row = await deserializer.deserialize(topic, message.value);
      if (!jobs.includes(row.job_id)) {
        return;
      }
      rows.push({
        entry: row.entry_id,
        job: row.job_id,
        kind: row.kind,
        tenant: row.tenant,
        model: row.model,
        owed: picoUsd(row.owed),
        charged: picoUsd(row.charged),
        tokens: Object.fromEntries(Object.entries(row.tokens).map(([kind, count]) => [kind, Number(count)])),
        key: message.key.toString(),
      });
      wanted.delete(`${row.job_id} ${row.kind}`);
      if (wanted.size === 0) {
        resolve();
      }
    },
  });
});
await consumer.disconnect();
console.log(JSON.stringify({ rows }));
process.exit(0);
