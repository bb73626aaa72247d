package dev.sluice.deploy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import tools.jackson.databind.JsonNode;

/// Brings what is new in a batch's result files into the output. What a stopped run wrote and did
/// not note is cut off again.
record BatchResults(SluiceClient client, BatchNotes notes, Path output) {

  void take(JsonNode batch) {
    take(batch.path("output_file_id").asString(""), "answers_bytes");
    take(batch.path("error_file_id").asString(""), "errors_bytes");
  }

  private void take(String fileId, String note) {
    if (fileId.isEmpty()) {
      return;
    }
    long taken = notes.number(note);
    try (InputStream more = client.download("v1/files/" + fileId + "/content", taken);
        FileChannel channel =
            FileChannel.open(output, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(notes.number("output_bytes"));
      channel.position(channel.size());
      long count = more.transferTo(Channels.newOutputStream(channel));
      if (count > 0) {
        channel.force(false);
        notes.took(note, taken + count, channel.size());
      }
    } catch (IOException e) {
      throw CommandFailure.passing(
          ExitCode.FAILED, output + " could not be continued: " + e.getMessage());
    }
  }
}
