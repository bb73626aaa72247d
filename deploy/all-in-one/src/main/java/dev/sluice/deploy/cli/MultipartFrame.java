package dev.sluice.deploy.cli;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What stands around one file in a form of several parts.
///
/// @param contentType of the request
/// @param head before the file's bytes
/// @param tail after them
@SuppressWarnings("ArrayRecordComponent") // handed on, never changed
record MultipartFrame(String contentType, byte[] head, byte[] tail) {

  /// @param boundary must not occur in the file: a random word
  static MultipartFrame of(String boundary, String filename, Map<String, String> fields) {
    StringBuilder head = new StringBuilder();
    fields.forEach((name, value) -> part(head, boundary, "name=\"" + name + "\"", value + "\r\n"));
    String file = "name=\"file\"; filename=\"" + filename.replace("\"", "_") + "\"";
    part(head, boundary, file, "");
    return new MultipartFrame(
        "multipart/form-data; boundary=" + boundary,
        head.toString().getBytes(StandardCharsets.UTF_8),
        ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void part(StringBuilder into, String boundary, String name, String content) {
    into.append("--").append(boundary).append("\r\nContent-Disposition: form-data; ");
    into.append(name).append("\r\n\r\n").append(content);
  }
}
