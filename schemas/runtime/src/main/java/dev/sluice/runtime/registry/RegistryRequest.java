package dev.sluice.runtime.registry;

import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.contract.serde.SchemaRegistryException;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// One call, taken apart.
///
/// @param path decoded segments
/// @param body missing where there is none
record RegistryRequest(String method, List<String> path, Map<String, String> query, JsonNode body) {

  boolean flag(String name) {
    return Boolean.parseBoolean(query.getOrDefault(name, "false"));
  }

  String text(String name) {
    return query.getOrDefault(name, "");
  }

  /// The Avro schema that the body carries.
  String schema() {
    String type = body.path("schemaType").asString("AVRO");
    if (!type.isEmpty() && !type.equals("AVRO")) {
      throw RegistryRefusals.invalidSchema(type + " is not kept here, only AVRO");
    }
    if (!body.path("references").isEmpty()) {
      throw RegistryRefusals.invalidSchema("references are not kept here: inline the types");
    }
    JsonNode schema = body.path("schema");
    if (!schema.isString()) {
      throw RegistryRefusals.invalidSchema("\"schema\" is not a string");
    }
    return schema.stringValue();
  }

  CompatibilityLevel level() {
    return CompatibilityLevel.named(body.path("compatibility").asString(""))
        .orElseThrow(RegistryRefusals::invalidLevel);
  }

  void require(String only) {
    if (!method.equals(only)) {
      throw notAllowed();
    }
  }

  static SchemaRegistryException notFound() {
    return new SchemaRegistryException(404, "HTTP 404 Not Found");
  }

  static SchemaRegistryException notAllowed() {
    return new SchemaRegistryException(405, "HTTP 405 Method Not Allowed");
  }
}
