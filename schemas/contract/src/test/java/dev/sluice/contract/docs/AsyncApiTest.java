package dev.sluice.contract.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.avro.SchemaFormatter;
import org.junit.jupiter.api.Test;

/// Keeps `docs/asyncapi.yaml` in step with the public topics and their schemas.
class AsyncApiTest {
  private static final Path FILE = Path.of("../../docs/asyncapi.yaml");
  private static final Pattern VARIABLE = Pattern.compile("<([a-z]+)>");

  @Test
  void describesEveryPublicTopicWithItsSchema() throws IOException {
    List<Topic> topics =
        Topics.documented().stream().filter(topic -> topic.audience().contains("public")).toList();
    StringBuilder yaml = new StringBuilder(head());
    yaml.append("channels:\n");
    topics.forEach(topic -> yaml.append(channel(topic)));
    yaml.append("operations:\n");
    topics.forEach(topic -> yaml.append(operation(topic)));
    yaml.append("components:\n  messages:\n");
    topics.stream().map(AsyncApiTest::message).distinct().forEach(yaml::append);

    if (Boolean.getBoolean("sluice.docs.write")) {
      Files.writeString(FILE, yaml);
    }

    assertEquals(
        yaml.toString(),
        Files.readString(FILE),
        "docs/asyncapi.yaml is behind the code; run with -Dsluice.docs.write=true");
  }

  private static String head() {
    return """
    # Written by AsyncApiTest from the code: the topics that clients and finance may use.
    asyncapi: 3.0.0
    info:
      title: Sluice, the topics
      version: 0.1.0
      description: >-
        Public topics of Sluice. Values are Avro in Confluent's wire format (a zero byte, the
        schema's id in four bytes, the record), subject <topic>-value; keys are text.
        Finance reads with isolation.level=read_committed.
      license:
        name: Apache-2.0
        url: https://www.apache.org/licenses/LICENSE-2.0
    defaultContentType: application/vnd.apache.avro
    servers:
      local:
        host: 127.0.0.1:9092
        protocol: kafka
        description: The broker of `sluice up`
    """;
  }

  private static String channel(Topic topic) {
    StringBuilder channel =
        new StringBuilder(
            """
              %s:
                address: %s
                description: %s
                messages:
                  %s:
                    $ref: '#/components/messages/%s'
            """
                .formatted(
                    id(topic),
                    VARIABLE.matcher(topic.name()).replaceAll("{$1}"),
                    quoted("Key: " + topic.key() + ". Holds " + topic.purpose() + "."),
                    topic.schema().getName(),
                    topic.schema().getName()));
    List<String> variables =
        VARIABLE
            .matcher(topic.name())
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    if (!variables.isEmpty()) {
      channel.append("    parameters:\n");
      variables.forEach(
          name -> channel.append("      %s:\n        description: The %s\n".formatted(name, name)));
    }
    return channel.toString();
  }

  private static String operation(Topic topic) {
    boolean written = topic.audience().contains("→ ingress");
    return """
      %s:
        action: %s
        summary: %s
        channel:
          $ref: '#/channels/%s'
    """
        .formatted(
            (written ? "write." : "read.") + id(topic),
            written ? "receive" : "send",
            quoted(topic.audience()),
            id(topic));
  }

  private static String message(Topic topic) {
    return """
        %s:
          name: %s
          summary: %s
          payload:
            schemaFormat: application/vnd.apache.avro+json;version=1.9.0
            schema:
    %s
    """
        .formatted(
            topic.schema().getName(),
            topic.schema().getName(),
            quoted(topic.schema().getDoc()),
            SchemaFormatter.format("json/pretty", topic.schema()).indent(10).stripTrailing());
  }

  private static String id(Topic topic) {
    return topic.name().replace("<", "").replace(">", "");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
