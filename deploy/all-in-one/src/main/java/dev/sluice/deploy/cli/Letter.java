package dev.sluice.deploy.cli;

import dev.sluice.contract.avro.DeadLetter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What a dead letter says of its record, without the record.
///
/// @param topic where the record was
/// @param bytes of the record that the letter holds
record Letter(
    LetterId id,
    String topic,
    int partition,
    long offset,
    String code,
    String message,
    Optional<String> job,
    Optional<String> tenant,
    Instant at,
    int bytes) {

  static Letter of(LetterId id, DeadLetter record) {
    @Nullable ByteBuffer value = record.getValue();
    return new Letter(
        id,
        record.getTopic(),
        record.getPartition(),
        record.getOffset(),
        record.getCode(),
        Redaction.text(record.getMessage()),
        Optional.ofNullable(record.getJobId()),
        Optional.ofNullable(record.getTenant()),
        record.getAt(),
        value == null ? 0 : value.remaining());
  }

  String source() {
    return topic + "/" + partition + "@" + offset;
  }

  List<String> cells(boolean redriven) {
    return List.of(
        id.toString(),
        at.toString(),
        source(),
        code,
        job.or(() -> tenant).orElse(""),
        redriven ? "redriven" : "",
        message.length() > 60 ? message.substring(0, 59) + "…" : message);
  }

  ObjectNode json(boolean redriven) {
    ObjectNode json = SluiceClient.JSON.createObjectNode();
    json.put("id", id.toString())
        .put("topic", topic)
        .put("partition", partition)
        .put("offset", offset)
        .put("code", code)
        .put("message", message)
        .put("at", at.toString())
        .put("bytes", bytes)
        .put("redriven", redriven);
    job.ifPresent(known -> json.put("job_id", known));
    tenant.ifPresent(known -> json.put("tenant", known));
    return json;
  }
}
