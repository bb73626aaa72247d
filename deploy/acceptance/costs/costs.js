// Finance's view of sluice.costs with clients that are not ours: reads committed rows with kafkajs,
// decodes them with Confluent's registry client, and prints their exact sums as one line of JSON.
//
//   node costs.js BROKERS REGISTRY_URL LAST_ENTRY_ID
import { AvroDeserializer, SchemaRegistryClient, SerdeType } from "@confluentinc/schemaregistry";
import { Kafka, logLevel } from "kafkajs";

const [brokers, registryUrl, lastEntryId] = process.argv.slice(2);
const topic = "sluice.costs";
const registry = SchemaRegistryClient.newClient({ baseURLs: [registryUrl] });
const deserializer = new AvroDeserializer(registry, SerdeType.VALUE, {});
const kafka = new Kafka({ clientId: "finance", brokers: brokers.split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: "finance", readUncommitted: false });

// An Avro decimal is a big-endian two's complement integer; ours have twelve decimal places.
const picoUsd = (bytes) => BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString("hex")}`));

const sums = { rows: 0, attempts: 0, charges: 0, unpriced: 0, owed: 0n, charged: 0n, tokens: {} };
const entries = new Set();

function add(row) {
  sums.rows += 1;
  entries.add(`${row.kind} ${row.entry_id}`);
  sums.attempts += row.kind === "attempt" ? 1 : 0;
  sums.charges += row.kind === "charge" ? 1 : 0;
  if (row.unpriced) {
    sums.unpriced += 1;
  } else {
    sums.owed += picoUsd(row.owed);
    sums.charged += picoUsd(row.charged);
  }
  if (row.kind === "charge") {
    for (const [kind, count] of Object.entries(row.tokens)) {
      sums.tokens[kind] = (sums.tokens[kind] ?? 0) + Number(count);
    }
  }
}

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
const keys = new Set();
await new Promise((resolve, reject) => {
  consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
  consumer.run({
    eachMessage: async ({ message }) => {
      const row = await deserializer.deserialize(topic, message.value);
      if (row.entry_id === lastEntryId) {
        resolve();
        return;
      }
      keys.add(message.key.toString());
      add(row);
    },
  });
});
await consumer.disconnect();
console.log(
  JSON.stringify({
    ...sums,
    owed: sums.owed.toString(),
    charged: sums.charged.toString(),
    distinct: entries.size,
    keys: [...keys].sort(),
  }),
);
process.exit(0);
