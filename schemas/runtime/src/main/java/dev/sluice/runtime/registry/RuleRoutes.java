package dev.sluice.runtime.registry;

import dev.sluice.contract.serde.CompatibilityLevel;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The part of the REST interface that concerns rules: compatibility checks, levels and modes. Safe
/// for use by many threads.
final class RuleRoutes {
  private final LogSchemaRegistry registry;
  private final VersionFinder versions;
  private final JsonMapper json;

  RuleRoutes(LogSchemaRegistry registry, VersionFinder versions, JsonMapper json) {
    this.registry = registry;
    this.versions = versions;
    this.json = json;
  }

  /// Under `…/versions` against as many versions as the level asks for, under `…/versions/N`
  /// against that one.
  JsonNode compatibility(RegistryRequest request, List<String> path) {
    boolean known =
        (path.size() == 3 || path.size() == 4)
            && path.getFirst().equals("subjects")
            && path.get(2).equals("versions");
    if (!known) {
      throw RegistryRequest.notFound();
    }
    request.require("POST");
    String subject = path.get(1);
    List<SchemaVersion> against = registry.catalog().versions(subject, false);
    if (path.size() == 4 && !path.get(3).equals(VersionFinder.LATEST)) {
      against = List.of(versions.numbered(subject, path.get(3), false));
    } else if (path.size() == 4 && !against.isEmpty()) {
      against = List.of(against.getLast());
    }
    List<String> violations = registry.violations(subject, request.schema(), against);
    ObjectNode answer = json.createObjectNode().put("is_compatible", violations.isEmpty());
    if (request.flag("verbose")) {
      answer.set("messages", json.valueToTree(violations));
    }
    return answer;
  }

  JsonNode config(RegistryRequest request, List<String> path) {
    if (path.size() > 1) {
      throw RegistryRequest.notFound();
    }
    String subject = path.isEmpty() ? SchemaCatalog.GLOBAL : path.getFirst();
    return switch (request.method()) {
      case "GET" -> {
        Optional<CompatibilityLevel> own = registry.catalog().level(subject);
        boolean inherits = path.isEmpty() || request.flag("defaultToGlobal");
        if (own.isEmpty() && !inherits) {
          throw RegistryRefusals.noLevel(subject);
        }
        yield level("compatibilityLevel", registry.effectiveLevel(subject));
      }
      case "PUT" -> {
        CompatibilityLevel level = request.level();
        registry.setLevel(subject, level);
        yield level("compatibility", level);
      }
      case "DELETE" -> {
        Optional<CompatibilityLevel> own = registry.catalog().level(subject);
        if (own.isEmpty() && !path.isEmpty()) {
          throw RegistryRefusals.subjectNotFound(subject);
        }
        registry.removeLevel(subject);
        yield level("compatibilityLevel", own.orElse(LogSchemaRegistry.DEFAULT_LEVEL));
      }
      default -> throw RegistryRequest.notAllowed();
    };
  }

  JsonNode mode(RegistryRequest request, List<String> path) {
    request.require("GET");
    if (path.size() > 1) {
      throw RegistryRequest.notFound();
    }
    if (!path.isEmpty() && !request.flag("defaultToGlobal")) {
      throw RegistryRefusals.noMode(path.getFirst());
    }
    return json.createObjectNode().put("mode", "READWRITE");
  }

  private JsonNode level(String field, CompatibilityLevel level) {
    return json.createObjectNode().put(field, level.name());
  }
}
