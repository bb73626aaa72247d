// Confluent's npm client against a Sluice: reads a record that Java wrote, registers what it read
// as a schema of its own, writes the record again, and says what it saw as one line of JSON.
//
//   node round-trip.js REGISTRY_URL TOPIC HEX_RECORD
import {
  AvroDeserializer,
  AvroSerializer,
  Compatibility,
  SchemaRegistryClient,
  SerdeType,
} from "@confluentinc/schemaregistry";

const [url, topic, hex] = process.argv.slice(2);
const registry = SchemaRegistryClient.newClient({ baseURLs: [url] });
const subject = `${topic}-value`;
const ownTopic = `${topic}-js`;
const ownSubject = `${ownTopic}-value`;

const record = await new AvroDeserializer(registry, SerdeType.VALUE, {}).deserialize(
  topic,
  Buffer.from(hex, "hex"),
);

const latest = await registry.getLatestSchemaMetadata(subject);
const own = { schemaType: "AVRO", schema: latest.schema };
const id = await registry.register(ownSubject, own);
const bytes = await new AvroSerializer(registry, SerdeType.VALUE, { useLatestVersion: true }).serialize(
  ownTopic,
  record,
);

const broken = {
  schemaType: "AVRO",
  schema: JSON.stringify({ ...JSON.parse(latest.schema), fields: [{ name: "x", type: "long" }] }),
};
let refusal;
try {
  await registry.register(ownSubject, broken);
} catch (error) {
  refusal = { status: error.status, errorCode: error.errorCode };
}
let unknown;
try {
  await registry.getLatestSchemaMetadata("no-such-subject");
} catch (error) {
  unknown = { status: error.status, errorCode: error.errorCode };
}
const compatible = await registry.testSubjectCompatibility(ownSubject, own);
await registry.updateCompatibility(ownSubject, Compatibility.NONE);

console.log(
  JSON.stringify({
    tokens: record.tokens,
    owed: record.owed?.toString("hex"),
    id,
    latestId: latest.id,
    bytes: bytes.toString("hex"),
    subjects: await registry.getAllSubjects(),
    versions: await registry.getAllVersions(ownSubject),
    foundId: await registry.getId(ownSubject, own),
    foundVersion: await registry.getVersion(ownSubject, own),
    compatible,
    compatibility: await registry.getCompatibility(ownSubject),
    refusal,
    unknown,
  }),
);
process.exit(0);
