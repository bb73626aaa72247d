package dev.sluice.runtime.registry;

import dev.sluice.contract.serde.CompatibilityLevel;
import dev.sluice.runtime.registry.SchemaVersion.Visibility;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Confluent's REST interface, as far as it concerns Avro in one context: paths, JSON shapes, and
/// which refusal comes first. Safe for use by many threads.
final class RegistryRoutes {
  private static final String LATEST = "latest";

  private final LogSchemaRegistry registry;
  private final JsonMapper json;

  RegistryRoutes(LogSchemaRegistry registry, JsonMapper json) {
    this.registry = registry;
    this.json = json;
  }

  JsonNode answer(RegistryRequest request) {
    List<String> path = request.path();
    String first = path.isEmpty() ? "" : path.getFirst();
    List<String> rest = path.isEmpty() ? path : path.subList(1, path.size());
    return switch (first) {
      case "subjects" -> subjects(request, rest);
      case "schemas" -> schemas(request, rest);
      case "compatibility" -> compatibility(request, rest);
      case "config" -> config(request, rest);
      case "mode" -> mode(request, rest);
      default -> throw RegistryRequest.notFound();
    };
  }

  private JsonNode subjects(RegistryRequest request, List<String> path) {
    String method = request.method();
    if (path.isEmpty()) {
      only("GET", request);
      return subjectNames(request);
    }
    String subject = path.getFirst();
    if (path.size() == 1) {
      return switch (method) {
        case "POST" -> lookUp(request, subject);
        case "DELETE" -> deleteSubject(request, subject);
        default -> throw RegistryRequest.notAllowed();
      };
    }
    if (!path.get(1).equals("versions")) {
      throw RegistryRequest.notFound();
    }
    if (path.size() == 2) {
      return switch (method) {
        case "GET" -> numbers(required(subject, request.flag("deleted")));
        case "POST" -> register(request, subject);
        default -> throw RegistryRequest.notAllowed();
      };
    }
    return version(request, subject, path.subList(2, path.size()));
  }

  private JsonNode version(RegistryRequest request, String subject, List<String> path) {
    String number = path.getFirst();
    if (path.size() == 1 && request.method().equals("DELETE")) {
      return deleteVersion(request, subject, number);
    }
    only("GET", request);
    SchemaVersion version = version(subject, number, request.flag("deleted"));
    return switch (path.size() == 1 ? "" : path.get(1)) {
      case "" -> described(version);
      case "schema" -> json.readTree(version.text());
      case "referencedby" -> json.createArrayNode();
      default -> throw RegistryRequest.notFound();
    };
  }

  private JsonNode subjectNames(RegistryRequest request) {
    boolean onlyDeleted = request.flag("deletedOnly");
    boolean withDeleted = onlyDeleted || request.flag("deleted");
    SchemaCatalog now = registry.catalog();
    return json.valueToTree(
        now.subjects().stream()
            .filter(subject -> subject.startsWith(request.text("subjectPrefix")))
            .filter(subject -> !now.versions(subject, withDeleted).isEmpty())
            .filter(subject -> !onlyDeleted || now.versions(subject, false).isEmpty())
            .toList());
  }

  private JsonNode register(RegistryRequest request, String subject) {
    SchemaVersion version = registry.register(subject, request.schema());
    return json.createObjectNode().put("id", version.id());
  }

  private JsonNode lookUp(RegistryRequest request, String subject) {
    boolean withDeleted = request.flag("deleted");
    required(subject, withDeleted);
    return described(
        registry
            .find(subject, request.schema(), withDeleted)
            .orElseThrow(RegistryRefusals::schemaNotFound));
  }

  private JsonNode deleteSubject(RegistryRequest request, String subject) {
    SchemaCatalog now = registry.catalog();
    List<SchemaVersion> all = now.versions(subject, true);
    List<SchemaVersion> live = now.versions(subject, false);
    if (all.isEmpty()) {
      throw RegistryRefusals.subjectNotFound(subject);
    }
    if (request.flag("permanent")) {
      if (!live.isEmpty()) {
        throw RegistryRefusals.subjectNotDeleted(subject);
      }
      registry.setVisibility(all, Visibility.PURGED);
      return numbers(all);
    }
    if (live.isEmpty()) {
      throw RegistryRefusals.subjectDeleted(subject);
    }
    registry.setVisibility(live, Visibility.DELETED);
    return numbers(live);
  }

  private JsonNode deleteVersion(RegistryRequest request, String subject, String number) {
    SchemaVersion version = version(subject, number, !number.equals(LATEST));
    if (request.flag("permanent")) {
      if (version.live()) {
        throw RegistryRefusals.versionNotDeleted(subject, version.version());
      }
      registry.setVisibility(List.of(version), Visibility.PURGED);
    } else {
      if (!version.live()) {
        throw RegistryRefusals.versionDeleted(subject, version.version());
      }
      registry.setVisibility(List.of(version), Visibility.DELETED);
    }
    return json.valueToTree(version.version());
  }

  private JsonNode schemas(RegistryRequest request, List<String> path) {
    only("GET", request);
    if (path.equals(List.of("types"))) {
      return json.valueToTree(List.of("AVRO"));
    }
    if (path.size() < 2 || !path.getFirst().equals("ids")) {
      throw RegistryRequest.notFound();
    }
    int id = number(path.get(1)).orElseThrow(RegistryRequest::notFound);
    String text = registry.text(id);
    return switch (path.size() == 2 ? "" : path.get(2)) {
      case "" -> {
        ObjectNode answer = json.createObjectNode().put("schema", text);
        yield request.flag("fetchMaxId")
            ? answer.put("maxId", registry.catalog().highestId())
            : answer;
      }
      case "schema" -> json.readTree(text);
      case "subjects" ->
          json.valueToTree(uses(request, id).map(SchemaVersion::subject).distinct().toList());
      case "versions" ->
          json.valueToTree(
              uses(request, id)
                  .map(use ->
                      json.createObjectNode()
                          .put("subject", use.subject())
                          .put("version", use.version()))
                  .toList());
      default -> throw RegistryRequest.notFound();
    };
  }

  private Stream<SchemaVersion> uses(RegistryRequest request, int id) {
    Predicate<SchemaVersion> inSubject =
        use -> request.text("subject").isEmpty() || use.subject().equals(request.text("subject"));
    return registry.catalog().usesOf(id, request.flag("deleted")).stream().filter(inSubject);
  }

  /// Under `…/versions` against as many versions as the level asks for, under `…/versions/N`
  /// against that one.
  private JsonNode compatibility(RegistryRequest request, List<String> path) {
    boolean known =
        (path.size() == 3 || path.size() == 4)
            && path.getFirst().equals("subjects")
            && path.get(2).equals("versions");
    if (!known) {
      throw RegistryRequest.notFound();
    }
    only("POST", request);
    String subject = path.get(1);
    List<SchemaVersion> against = registry.catalog().versions(subject, false);
    if (path.size() == 4 && !path.get(3).equals(LATEST)) {
      against = List.of(version(subject, path.get(3), false));
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

  private JsonNode config(RegistryRequest request, List<String> path) {
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

  private JsonNode mode(RegistryRequest request, List<String> path) {
    only("GET", request);
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

  private ObjectNode described(SchemaVersion version) {
    return json.createObjectNode()
        .put("subject", version.subject())
        .put("version", version.version())
        .put("id", version.id())
        .put("schema", version.text());
  }

  private JsonNode numbers(Collection<SchemaVersion> versions) {
    return json.valueToTree(versions.stream().map(SchemaVersion::version).toList());
  }

  private List<SchemaVersion> required(String subject, boolean withDeleted) {
    List<SchemaVersion> versions = registry.catalog().versions(subject, withDeleted);
    if (versions.isEmpty()) {
      throw RegistryRefusals.subjectNotFound(subject);
    }
    return versions;
  }

  private SchemaVersion version(String subject, String number, boolean withDeleted) {
    // "-1" is an older name of the latest version.
    boolean latest = number.equals(LATEST) || number.equals("-1");
    Optional<Integer> wanted = number(number).filter(value -> value > 0);
    if (!latest && wanted.isEmpty()) {
      throw RegistryRefusals.invalidVersion(number);
    }
    List<SchemaVersion> versions = required(subject, withDeleted);
    if (latest) {
      return versions.getLast();
    }
    return versions.stream()
        .filter(version -> version.version() == wanted.get())
        .findFirst()
        .orElseThrow(() -> RegistryRefusals.versionNotFound(wanted.get()));
  }

  private static Optional<Integer> number(String text) {
    try {
      return Optional.of(Integer.parseInt(text));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static void only(String method, RegistryRequest request) {
    if (!request.method().equals(method)) {
      throw RegistryRequest.notAllowed();
    }
  }
}
