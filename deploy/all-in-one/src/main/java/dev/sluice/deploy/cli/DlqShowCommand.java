package dev.sluice.deploy.cli;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.serde.SchemaRegistry;
import dev.sluice.contract.topic.Topics;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `sluice dlq show`: one letter and the record it is about.
@Command(
    name = "show",
    description = "Show one record that could not be used; what looks like a secret is covered.")
final class DlqShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogOptions where;
  @Mixin private OutputOption output;

  @Parameters(paramLabel = "ID", description = "Id of the dead letter, as `dlq list` shows it.")
  private String id = "";

  @Override
  public Integer call() {
    LetterId wanted = LetterId.parse(id);
    try (LogOptions.OpenLog log = where.open(List.of(Topics.DLQ));
        RecordReader reader = new RecordReader(log.kafka())) {
      LetterBox box = new LetterBox(log);
      DeadLetter found = box.find(wanted, reader).orElseThrow(() -> unknown(wanted));
      Letter letter = Letter.of(wanted, found);
      box.read(Optional.of(letter.at()), _ -> {});
      ObjectNode shown = letter.json(box.redriven(wanted));
      describe(Original.of(found, reader), shown, log.serdes().registry());
      print(shown);
    }
    return ExitCode.DONE.number();
  }

  static CommandFailure unknown(LetterId id) {
    return new CommandFailure(
        ExitCode.NOT_FOUND, "there is no dead letter " + id + ": `sluice dlq list` shows them");
  }

  private static void describe(Original original, ObjectNode shown, SchemaRegistry registry) {
    switch (original) {
      case Original.Whole(ConsumerRecord<byte[], byte[]> record) -> {
        if (record.key() != null) {
          shown.put("key", Redaction.text(text(record.key())));
        }
        shown.put("bytes", record.value().length);
        Optional<JsonNode> fields = ValueText.decoded(record.value(), registry);
        if (fields.isPresent()) {
          shown.set("value", fields.get());
        } else {
          shown.put("value_hex", ValueText.hex(ByteBuffer.wrap(record.value())));
        }
      }
      case Original.Cut(ByteBuffer beginning) -> {
        shown.put("cut", true);
        shown.put("value_hex", ValueText.hex(beginning));
      }
      case Original.Gone() -> {}
    }
  }

  /// Keys of Sluice are words; a foreign one may be anything.
  private static String text(byte[] key) {
    String text = new String(key, StandardCharsets.UTF_8);
    return text.indexOf('\uFFFD') < 0 ? text : "hex " + HexFormat.of().formatHex(key);
  }

  private void print(ObjectNode shown) {
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      OutputOption.print(out, shown);
      return;
    }
    shown
        .properties()
        .forEach(member -> {
          if (!member.getKey().startsWith("value")) {
            out.println("%-10s %s".formatted(member.getKey(), member.getValue().asString()));
          }
        });
    JsonNode fields = shown.path("value");
    if (fields.isObject()) {
      out.println(fields.toPrettyString());
    }
    out.print(shown.path("value_hex").asString(""));
    out.flush();
  }
}
