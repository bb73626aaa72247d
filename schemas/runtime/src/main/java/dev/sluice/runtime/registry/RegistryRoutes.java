package dev.sluice.runtime.registry;

import dev.sluice.runtime.registry.SchemaVersion.Visibility;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Confluent's REST interface, as far as it concerns Avro in one context: paths, JSON shapes, and
/// which refusal comes first. Safe for use by many threads.
final class RegistryRoutes {
  private final LogSchemaRegistry registry;
  private final JsonMapper json;
  private final VersionFinder versions;
  private final RuleRoutes rules;

  RegistryRoutes(LogSchemaRegistry registry, JsonMapper json) {
    this.registry = registry;
    this.json = json;
    this.versions = new VersionFinder(registry);
    this.rules = new RuleRoutes(registry, versions, json);
  }

  JsonNode answer(RegistryRequest request) {
    List<String> path = request.path();
    String first = path.isEmpty() ? "" : path.getFirst();
    List<String> rest = path.isEmpty() ? path : path.subList(1, path.size());
    return switch (first) {
      case "subjects" -> subjects(request, rest);
      case "schemas" -> schemas(request, rest);
      case "compatibility" -> rules.compatibility(request, rest);
      case "config" -> rules.config(request, rest);
      case "mode" -> rules.mode(request, rest);
      default -> throw RegistryRequest.notFound();
    };
  }

  private JsonNode subjects(RegistryRequest request, List<String> path) {
    String method = request.method();
    if (path.isEmpty()) {
      request.require("GET");
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
        case "GET" -> numbers(versions.required(subject, request.flag("deleted")));
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
    request.require("GET");
    SchemaVersion version = versions.numbered(subject, number, request.flag("deleted"));
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
    versions.required(subject, withDeleted);
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
    SchemaVersion version =
        versions.numbered(subject, number, !number.equals(VersionFinder.LATEST));
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
    request.require("GET");
    if (path.equals(List.of("types"))) {
      return json.valueToTree(List.of("AVRO"));
    }
    if (path.size() < 2 || !path.getFirst().equals("ids")) {
      throw RegistryRequest.notFound();
    }
    int id = VersionFinder.number(path.get(1)).orElseThrow(RegistryRequest::notFound);
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

  private ObjectNode described(SchemaVersion version) {
    return json.createObjectNode()
        .put("subject", version.subject())
        .put("version", version.version())
        .put("id", version.id())
        .put("schema", version.text());
  }

  private JsonNode numbers(Collection<SchemaVersion> of) {
    return json.valueToTree(of.stream().map(SchemaVersion::version).toList());
  }
}
