package dev.sluice.deploy.cli;

import dev.sluice.contract.serde.SchemaRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A record's value for a person: its fields where the registry knows its schema, else its bytes.
/// Secrets are covered in both.
final class ValueText {
  private static final int PREFIX_BYTES = 5;
  private static final int ROW_BYTES = 16;
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

  private ValueText() {}

  /// Its fields; empty when it is not a whole record of a schema that is known.
  static Optional<JsonNode> decoded(byte[] value, SchemaRegistry registry) {
    if (value.length < PREFIX_BYTES || value[0] != 0) {
      return Optional.empty();
    }
    try {
      Schema schema = registry.byId(ByteBuffer.wrap(value, 1, 4).getInt());
      BinaryDecoder decoder =
          DecoderFactory.get()
              .binaryDecoder(value, PREFIX_BYTES, value.length - PREFIX_BYTES, null);
      Object read = new GenericDatumReader<>(schema).read(null, decoder);
      return decoder.isEnd() ? Optional.of(json(read, schema)) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Damaged bytes meet every unchecked exception that Avro knows, and the registry has its own.
      return Optional.empty();
    }
  }

  static String hex(ByteBuffer value) {
    byte[] covered = Redaction.bytes(value);
    StringBuilder rows = new StringBuilder();
    for (int at = 0; at < covered.length; at += ROW_BYTES) {
      int end = Math.min(covered.length, at + ROW_BYTES);
      StringBuilder words = new StringBuilder();
      for (int i = at; i < end; i++) {
        words.append(covered[i] >= ' ' && covered[i] <= '~' ? (char) covered[i] : '.');
      }
      rows.append("%08x  %-47s  %s%n".formatted(at, HEX.formatHex(covered, at, end), words));
    }
    return rows.toString();
  }

  private static JsonNode json(@Nullable Object value, Schema schema) {
    return switch (value) {
      case null -> SluiceClient.JSON.nullNode();
      case GenericRecord record -> json(record);
      case List<?> list -> {
        ArrayNode array = SluiceClient.JSON.createArrayNode();
        list.forEach(one -> array.add(json(one, plain(schema).getElementType())));
        yield array;
      }
      case Map<?, ?> map -> {
        ObjectNode object = SluiceClient.JSON.createObjectNode();
        map.forEach(
            (name, one) -> put(object, name.toString(), json(one, plain(schema).getValueType())));
        yield object;
      }
      case ByteBuffer bytes -> SluiceClient.JSON.getNodeFactory().stringNode(text(bytes));
      case Long moment when isMoment(schema) ->
          SluiceClient.JSON.getNodeFactory().stringNode(Instant.ofEpochMilli(moment).toString());
      case Number number -> SluiceClient.JSON.valueToTree(number);
      case Boolean flag -> SluiceClient.JSON.getNodeFactory().booleanNode(flag);
      default -> SluiceClient.JSON.getNodeFactory().stringNode(Redaction.text(value.toString()));
    };
  }

  private static ObjectNode json(GenericRecord record) {
    ObjectNode object = SluiceClient.JSON.createObjectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      put(object, field.name(), json(record.get(field.pos()), field.schema()));
    }
    return object;
  }

  private static void put(ObjectNode object, String name, JsonNode value) {
    if (Redaction.covers(name) && value.isString()) {
      object.put(name, "*".repeat(value.asString().length()));
    } else {
      object.set(name, value);
    }
  }

  /// The one branch of an optional field that is not null.
  private static Schema plain(Schema schema) {
    return schema.getType() == Schema.Type.UNION
        ? schema.getTypes().stream()
            .filter(one -> one.getType() != Schema.Type.NULL)
            .findFirst()
            .orElse(schema)
        : schema;
  }

  private static boolean isMoment(Schema schema) {
    return "timestamp-millis".equals(plain(schema).getProp("logicalType"));
  }

  /// Bodies are JSON texts; whatever else stands in bytes is shown as hex.
  private static String text(ByteBuffer bytes) {
    try {
      return Redaction.text(
          StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString());
    } catch (CharacterCodingException e) {
      return "hex " + HexFormat.of().formatHex(Redaction.bytes(bytes));
    }
  }
}
