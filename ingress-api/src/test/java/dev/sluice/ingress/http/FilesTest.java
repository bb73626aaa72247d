package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FilesTest {
  private static final String BOUNDARY = "a-boundary";

  @RegisterExtension final HttpFixture http = new HttpFixture();

  @Test
  void bytesComeBackAsTheyWent() throws Exception {
    byte[] bytes = new byte[3_000_000];
    new Random(20261128).nextBytes(bytes);

    HttpResponse<String> stored = http.send(upload(form(bytes, "batch", "")));

    assertEquals(200, stored.statusCode(), stored.body());
    JsonNode file = JsonMapper.shared().readTree(stored.body());
    assertEquals(bytes.length, file.path("bytes").asInt());
    assertEquals("x.jsonl", file.path("filename").asString());
    String path = "/v1/files/" + file.path("id").asString() + "/content";
    assertArrayEquals(bytes, http.stream(http.request(path).build()).body().readAllBytes());
    byte[] rest =
        http.stream(http.request(path).header("Range", "bytes=2999990-").build())
            .body()
            .readAllBytes();
    assertArrayEquals(java.util.Arrays.copyOfRange(bytes, 2_999_990, 3_000_000), rest);
    assertEquals(416, http.get(path, "Range", "bytes=3000000-").statusCode());
  }

  @Test
  void aFileThatIsTooLargeIsRefusedAndLeavesNothing() throws Exception {
    byte[] bytes = new byte[(int) HttpFixture.MAX_FILE_BYTES + 2 * 1024 * 1024];

    HttpResponse<String> refused = http.send(upload(form(bytes, "batch", "")));

    assertEquals(413, refused.statusCode(), refused.body());
    assertTrue(http.get("/v1/files").body().contains("\"data\":[]"));
  }

  @Test
  void aFileEndsWhenItsCallerSaidSo() throws Exception {
    String life =
        "--%1$s\r\nContent-Disposition: form-data; name=\"expires_after[anchor]\"\r\n\r\n"
            + "created_at\r\n--%1$s\r\n"
            + "Content-Disposition: form-data; name=\"expires_after[seconds]\"\r\n\r\n3600\r\n";

    HttpResponse<String> stored =
        http.send(upload(form(new byte[] {1}, "batch", life.formatted(BOUNDARY))));

    JsonNode file = JsonMapper.shared().readTree(stored.body());
    assertEquals(3_600, file.path("expires_at").asLong() - file.path("created_at").asLong());
  }

  @Test
  void aFormThatBreaksOffIsRefused() throws Exception {
    byte[] whole = form(new byte[] {1, 2, 3}, "batch", "");

    HttpResponse<String> refused =
        http.send(upload(java.util.Arrays.copyOf(whole, whole.length - 6)));

    assertEquals(400, refused.statusCode(), refused.body());
    assertTrue(http.get("/v1/files").body().contains("\"data\":[]"));
  }

  @Test
  void listsArePaged() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertEquals(200, http.send(upload(form(new byte[] {1}, "batch", ""))).statusCode());
    }

    JsonNode first = JsonMapper.shared().readTree(http.get("/v1/files?limit=2").body());
    JsonNode second =
        JsonMapper.shared()
            .readTree(
                http.get("/v1/files?limit=2&after=" + first.path("last_id").asString()).body());

    assertEquals(2, first.path("data").size());
    assertTrue(first.path("has_more").asBoolean());
    assertEquals(1, second.path("data").size());
  }

  private HttpRequest upload(byte[] form) {
    return http.request("/v1/files")
        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
        .POST(HttpRequest.BodyPublishers.ofByteArray(form))
        .build();
  }

  private static byte[] form(byte[] content, String purpose, String more) {
    byte[] head =
        ("--"
                + BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.jsonl\""
                + "\r\nContent-Type: application/octet-stream\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8);
    byte[] tail =
        ("\r\n"
                + more
                + "--"
                + BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"purpose\""
                + "\r\n\r\n"
                + purpose
                + "\r\n--"
                + BOUNDARY
                + "--\r\n")
            .getBytes(StandardCharsets.UTF_8);
    byte[] all = java.util.Arrays.copyOf(head, head.length + content.length + tail.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    System.arraycopy(tail, 0, all, head.length + content.length, tail.length);
    return all;
  }
}
