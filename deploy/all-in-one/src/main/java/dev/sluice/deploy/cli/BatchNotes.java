package dev.sluice.deploy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What `sluice batch run` remembers beside its output, so that it can go on: which input, which
/// batch, and how much of each result file is in the output. Written anew, whole, after every step.
final class BatchNotes {
  static final String SUFFIX = ".sluice-batch";

  private final Path file;
  private final ObjectNode notes;

  private BatchNotes(Path file, ObjectNode notes) {
    this.file = file;
    this.notes = notes;
  }

  /// Those of the output, or new ones.
  static BatchNotes open(Path output, Path input) {
    Path file = output.resolveSibling(output.getFileName() + SUFFIX);
    String hash = hashOf(input);
    if (!Files.exists(file)) {
      ObjectNode fresh = SluiceClient.JSON.createObjectNode();
      fresh.put("input_sha256", hash).put("run", UUID.randomUUID().toString());
      BatchNotes notes = new BatchNotes(file, fresh);
      notes.save();
      return notes;
    }
    JsonNode known = SluiceClient.JSON.readTree(file.toFile());
    if (!(known instanceof ObjectNode notes)
        || !known.path("input_sha256").asString("").equals(hash)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          output + " holds results of another input: name another output, or remove " + file);
    }
    return new BatchNotes(file, notes);
  }

  private static String hashOf(Path input) {
    try (InputStream in =
        new DigestInputStream(Files.newInputStream(input), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.USAGE, input + " cannot be read: " + e.getMessage());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Empty when there is none.
  String text(String name) {
    return notes.path(name).asString("");
  }

  long number(String name) {
    return notes.path(name).asLong(0);
  }

  void put(String name, String value) {
    notes.put(name, value);
    save();
  }

  /// Remembers how much of a result file is in the output, and how long that is with it.
  void took(String resultFile, long bytes, long outputBytes) {
    notes.put(resultFile, bytes).put("output_bytes", outputBytes);
    save();
  }

  private void save() {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.write(next, SluiceClient.JSON.writeValueAsBytes(notes));
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, file + " cannot be written");
    }
  }
}
