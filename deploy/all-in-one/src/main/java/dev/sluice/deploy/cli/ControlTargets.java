package dev.sluice.deploy.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What a command is to be done to: jobs, or one group, tenant or pool.
final class ControlTargets {
  @Mixin private JobIds ids;

  @Option(
      names = {"--group"},
      paramLabel = "GROUP",
      description = "All jobs of this group, those to come included.")
  private @Nullable String group;

  @Option(
      names = {"--tenant"},
      paramLabel = "TENANT",
      description = "A whole tenant; another than the key's own needs the scope admin.")
  private @Nullable String tenant;

  @Option(
      names = {"--pool"},
      paramLabel = "POOL",
      description = "A pool; needs the scope admin.")
  private @Nullable String pool;

  /// @param verb last part of the path, such as `pause`
  List<JsonNode> post(SluiceClient client, String verb, ObjectNode body) {
    return paths().stream().map(path -> client.post(path + "/" + verb, body, Map.of())).toList();
  }

  private List<String> paths() {
    List<String> named =
        java.util.stream.Stream.of(
                path("groups", group), path("tenants", tenant), path("pools", pool))
            .flatMap(List::stream)
            .toList();
    if (named.size() > 1) {
      throw new CommandFailure(ExitCode.USAGE, "give one of --group, --tenant and --pool");
    }
    return named.isEmpty() ? ids.read().stream().map(id -> "v1/jobs/" + id).toList() : named;
  }

  private static List<String> path(String kind, @Nullable String name) {
    return name == null ? List.of() : List.of("v1/" + kind + "/" + segment(name));
  }

  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// One line about what a call answered: a job, or a control.
  static String line(JsonNode answer) {
    if (answer.path("object").asString("").equals("job")) {
      String by = answer.path("held_by").asString("");
      return answer.path("id").asString()
          + " "
          + JobAnswer.status(answer)
          + (by.isEmpty() ? "" : " " + answer.path("reason").asString("") + " " + by);
    }
    StringBuilder line = new StringBuilder();
    for (String member : new String[] {"kind", "id", "state", "since", "by", "note"}) {
      String text = answer.path(member).asString("");
      line.append(text.isEmpty() ? "" : (line.isEmpty() ? "" : " ") + text);
    }
    return line.toString();
  }
}
