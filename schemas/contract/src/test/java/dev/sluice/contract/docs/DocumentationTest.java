package dev.sluice.contract.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// Keeps `docs/topics.md` and `docs/errors.md` in step with the code.
class DocumentationTest {

  @Test
  void documentsEveryTopicAsItIsCreated() throws IOException {
    StringBuilder table =
        new StringBuilder(
            """

            | Topic | Key | Value | Partitions | Kept | Time stamped by | Written by → read by | Holds |
            |---|---|---|---|---|---|---|---|
            """);
    for (Topic topic : Topics.documented()) {
      table.append(
          row(
              "`" + topic.name() + "`",
              topic.key().replace("|", "\\|"),
              "`" + topic.schema().getName() + "`",
              partitions(topic.partitions()),
              kept(topic),
              topic.logAppendTime() ? "broker" : "writer",
              topic.audience(),
              topic.purpose()));
    }

    GeneratedPart.check("topics.md", table.append('\n').toString());
  }

  @Test
  void documentsEveryHeader() throws Exception {
    String page = Files.readString(Path.of("../../docs/topics.md"));

    for (Field header : Headers.class.getFields()) {
      String name = "`" + header.get(null) + "`";
      assertTrue(page.contains(name), "docs/topics.md says nothing of the header " + name);
    }
  }

  @Test
  void documentsEveryErrorCodeWithItsMeaning() throws IOException {
    StringBuilder table =
        new StringBuilder(
            """

            | Code | Kind | HTTP | Again? | Means |
            |---|---|---|---|---|
            """);
    for (ErrorCode code : ErrorCode.values()) {
      table.append(
          row(
              "`" + code.code() + "`",
              code.kind().name().toLowerCase(Locale.ROOT),
              Integer.toString(code.httpStatus()),
              code.retryable() ? "yes" : "no",
              ErrorMeanings.of(code)));
    }

    GeneratedPart.check("errors.md", table.append('\n').toString());
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String partitions(Topic.Partitions partitions) {
    return switch (partitions) {
      case ROUTER, REPLY, METERING -> "`" + partitions.name().toLowerCase(Locale.ROOT) + "`";
      case ONE -> "1";
    };
  }

  private static String kept(Topic topic) {
    String age = topic.retention().map(DocumentationTest::words).orElse("");
    return switch (topic.cleanup()) {
      case DELETE -> age;
      case COMPACT -> "last of each key";
      case COMPACT_DELETE -> "last of each key, " + age;
    };
  }

  private static String words(Duration age) {
    return age.toDays() > 0 ? age.toDays() + " d" : age.toHours() + " h";
  }
}
