package dev.sluice.contract.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Keeps the tables of topics in the READMEs of modules in step with what their code names. Which
/// way records go there is for people to say.
class ModuleTopicsTest {
  private static final Path ROOT = Path.of("../..");
  private static final Pattern MEMBER = Pattern.compile("\\bTopics\\.(\\w+)");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`sluice\\.[^|]*) \\|");
  private static final Pattern TOPIC = Pattern.compile("`([^`]+)`");

  @ParameterizedTest
  @CsvSource({
    "ingress-api, ingress-api",
    "router-stream, router-stream",
    "worker-pool, worker-pool",
    "metering-stream, metering-stream",
    "deploy, deploy/all-in-one"
  })
  void listsEveryTopicThatTheCodeNames(String readme, String module) throws Exception {
    Set<String> listed = listed(ROOT.resolve(readme).resolve("README.md"));

    Set<String> missing = named(ROOT.resolve(module).resolve("src/main/java"));
    missing.removeAll(listed);
    Set<String> unknown = new TreeSet<>(listed);
    unknown.removeAll(Topics.documented().stream().map(Topic::name).collect(Collectors.toSet()));

    assertEquals(Set.of(), missing, "missing in " + readme + "/README.md");
    assertEquals(Set.of(), unknown, "no topics, in " + readme + "/README.md");
  }

  /// Topics in the first column.
  private static Set<String> listed(Path readme) throws IOException {
    return ROW.matcher(Files.readString(readme))
        .results()
        .flatMap(row -> TOPIC.matcher(row.group(1)).results())
        .map(topic -> topic.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> named(Path sources) throws Exception {
    Set<String> named = new TreeSet<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String code = Files.readString(file);
        for (String member : MEMBER.matcher(code).results().map(m -> m.group(1)).toList()) {
          named.addAll(topics(member));
        }
        // What these read is in modules that all share.
        if (code.contains("context.policy()")) {
          named.add(Topics.POLICY.name());
        }
        if (code.contains("new KeyView(")) {
          named.add(Topics.KEYS.name());
        }
      }
    }
    return named;
  }

  /// Topics and families that a member of [Topics] stands for.
  private static List<String> topics(String member) throws ReflectiveOperationException {
    return switch (member) {
      case "MAX_RECORD_BYTES", "fixed", "documented" -> List.of();
      case "jobs" -> List.of("sluice.jobs.<priority>");
      case "work", "workName", "ofPool" -> List.of("sluice.work.<pool>.<priority>");
      case "intake", "tenantOfIntake" -> List.of("sluice.intake.<tenant>");
      case "eventsOf" -> List.of("sluice.events.<tenant>");
      case "resultsOf" -> List.of("sluice.results.<tenant>");
      case "ofTenant" ->
          List.of("sluice.intake.<tenant>", "sluice.events.<tenant>", "sluice.results.<tenant>");
      default -> List.of(((Topic) Topics.class.getField(member).get(null)).name());
    };
  }
}
