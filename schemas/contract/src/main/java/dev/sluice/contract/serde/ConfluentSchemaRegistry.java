package dev.sluice.contract.serde;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A client of Confluent's Schema Registry and of servers that speak its REST interface
/// (docs/adr/0002-own-schema-registry-client.md).
///
/// Ids and the schemas behind them never change, so both are cached for good; that an id is unknown
/// is remembered for a second, so that a stream of garbage does not become a stream of calls.
/// Everything else is asked each time. Safe for use by many threads.
public final class ConfluentSchemaRegistry implements SchemaRegistry {
  private static final int MAX_CACHED = 10_000;
  private static final Duration UNKNOWN_ID_REMEMBERED = Duration.ofSeconds(1);

  private record Registration(String subject, String text) {}

  private final JsonMapper json = JsonMapper.shared();
  private final boolean autoRegister;
  private final RegistryTransport transport;
  private final Cache<Registration, Integer> ids =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).build();
  private final Cache<Integer, Schema> schemas =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).build();
  private final Cache<Integer, SchemaRegistryException> unknownIds =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).expireAfterWrite(UNKNOWN_ID_REMEMBERED).build();

  public ConfluentSchemaRegistry(SchemaRegistrySettings settings) {
    this.autoRegister = settings.autoRegister();
    this.transport = new RegistryTransport(settings, json);
  }

  @Override
  public int register(String subject, Schema schema) {
    return ids.get(
        new Registration(subject, schema.toString()),
        _ ->
            autoRegister
                ? id(transport.post(versionsPath(subject), schemaBody(schema)))
                : lookup(subject, schema).id());
  }

  @Override
  public Schema byId(int id) {
    SchemaRegistryException unknown = unknownIds.getIfPresent(id);
    if (unknown != null) {
      throw new SchemaRegistryException(unknown.errorCode(), String.valueOf(unknown.getMessage()));
    }
    try {
      return schemas.get(id, _ -> schema(transport.get("/schemas/ids/" + id)));
    } catch (SchemaRegistryException e) {
      if (e.httpStatus() == 404) {
        unknownIds.put(id, e);
      }
      throw e;
    }
  }

  /// Under which version and id a subject holds a schema.
  ///
  /// @throws SchemaRegistryException [SchemaRegistryException#SUBJECT_NOT_FOUND] or
  ///   [SchemaRegistryException#SCHEMA_NOT_FOUND] if it holds none
  public RegisteredSchema lookup(String subject, Schema schema) {
    return registered(transport.post("/subjects/" + encoded(subject), schemaBody(schema)));
  }

  public RegisteredSchema version(String subject, int version) {
    return registered(transport.get(versionsPath(subject) + "/" + version));
  }

  public RegisteredSchema latest(String subject) {
    return registered(transport.get(versionsPath(subject) + "/latest"));
  }

  public List<String> subjects() {
    return transport.get("/subjects").valueStream().map(JsonNode::asString).toList();
  }

  public List<Integer> versions(String subject) {
    return transport.get(versionsPath(subject)).valueStream().map(JsonNode::asInt).toList();
  }

  /// Whether a schema may follow a subject's latest version, at the subject's compatibility level.
  public CompatibilityVerdict compatibility(String subject, Schema schema) {
    JsonNode answer =
        transport.post(
            "/compatibility/subjects/" + encoded(subject) + "/versions/latest?verbose=true",
            schemaBody(schema));
    return new CompatibilityVerdict(
        answer.path("is_compatible").asBoolean(false),
        answer.path("messages").valueStream().map(JsonNode::asString).toList());
  }

  /// The level for subjects without their own.
  public CompatibilityLevel compatibilityLevel() {
    return level(transport.get("/config").path("compatibilityLevel"));
  }

  /// The level in force for a subject.
  public CompatibilityLevel compatibilityLevel(String subject) {
    return level(
        transport
            .get("/config/" + encoded(subject) + "?defaultToGlobal=true")
            .path("compatibilityLevel"));
  }

  public void setCompatibilityLevel(CompatibilityLevel level) {
    transport.put("/config", levelBody(level));
  }

  public void setCompatibilityLevel(String subject, CompatibilityLevel level) {
    transport.put("/config/" + encoded(subject), levelBody(level));
  }

  /// Takes a subject out of use; its ids stay readable.
  ///
  /// @return the versions it had
  public List<Integer> deleteSubject(String subject) {
    return transport
        .delete("/subjects/" + encoded(subject))
        .valueStream()
        .map(JsonNode::asInt)
        .toList();
  }

  @Override
  public void close() {
    transport.close();
  }

  private static String versionsPath(String subject) {
    return "/subjects/" + encoded(subject) + "/versions";
  }

  private static String encoded(String pathSegment) {
    return URLEncoder.encode(pathSegment, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private JsonNode schemaBody(Schema schema) {
    return json.createObjectNode().put("schema", schema.toString()).put("schemaType", "AVRO");
  }

  private JsonNode levelBody(CompatibilityLevel level) {
    return json.createObjectNode().put("compatibility", level.name());
  }

  private static RegisteredSchema registered(JsonNode answer) {
    return new RegisteredSchema(
        answer.path("subject").asString(""),
        answer.path("version").asInt(0),
        id(answer),
        schema(answer));
  }

  private static int id(JsonNode answer) {
    JsonNode id = answer.path("id");
    if (!id.isInt()) {
      throw unreadable("no schema id in its answer");
    }
    return id.intValue();
  }

  private static Schema schema(JsonNode answer) {
    String type = answer.path("schemaType").asString("AVRO");
    if (!type.equals("AVRO")) {
      throw new SchemaRegistryException(
          SchemaRegistryException.INVALID_SCHEMA, "not an Avro schema but " + type);
    }
    try {
      return new Schema.Parser().parse(answer.path("schema").asString(""));
    } catch (SchemaParseException e) {
      throw unreadable("a schema that is not Avro: " + e.getMessage());
    }
  }

  private static CompatibilityLevel level(JsonNode name) {
    return CompatibilityLevel.named(name.asString(""))
        .orElseThrow(() -> unreadable("a compatibility level that is none: " + name));
  }

  private static SchemaRegistryException unreadable(String what) {
    return new SchemaRegistryException(
        SchemaRegistryException.INVALID_SCHEMA, "the schema registry answered " + what);
  }
}
