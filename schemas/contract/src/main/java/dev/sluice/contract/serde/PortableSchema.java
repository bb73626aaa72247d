package dev.sluice.contract.serde;

import org.apache.avro.Schema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The text under which a schema is registered: what its `.avsc` says, with nested types inlined,
/// without the marks that Java's code generator leaves (`avro.java.string`). So a schema that
/// someone registered from its file is the one that Java looks up.
public final class PortableSchema {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String STRING_CLASS = "avro.java.string";

  private PortableSchema() {}

  public static Schema of(Schema schema) {
    String text = schema.toString();
    if (!text.contains(STRING_CLASS)) {
      return schema;
    }
    return new Schema.Parser().parse(JSON.writeValueAsString(stripped(JSON.readTree(text))));
  }

  private static JsonNode stripped(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> {
        object.remove(STRING_CLASS);
        if (object.size() == 1 && "string".equals(object.path("type").asString(""))) {
          yield object.get("type");
        }
        object.propertyNames().stream()
            .filter(name -> !name.equals("default"))
            .toList()
            .forEach(name -> object.set(name, stripped(object.get(name))));
        yield object;
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, stripped(array.get(i)));
        }
        yield array;
      }
      default -> node;
    };
  }
}
