package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the README tells a newcomer to type: each of its `curl` commands as it stands there,
/// against a `sluice up` on another port.
class ReadmeE2E {
  private static final Path README = Path.of("..", "..", "README.md");
  private static final Pattern SHELL = Pattern.compile("(?ms)^```sh\n(.*?)^```$");

  /// With the lines that it goes on in.
  private static final Pattern CURL = Pattern.compile("(?m)^curl (?:.*\\\\\n)*.*$");

  private static final String USUAL_URL = "http://127.0.0.1:8080";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @Test
  void itsCurlCommandsAnswerWhatItSays() throws Exception {
    assumeTrue(ended("curl --version").code() == 0, "skipped: it needs curl on the PATH");
    List<String> commands = curlCommands();
    assertEquals(2, commands.size(), () -> "each needs its check here: " + commands);

    try (SluiceProcess sluice = SluiceProcess.up(folder)) {
      String url = sluice.url();

      JsonNode chat = answer(url, commands.getFirst());
      assertEquals("chat.completion", chat.path("object").asString(), chat::toString);
      assertEquals("demo", chat.path("model").asString(), chat::toString);
      assertFalse(chat.at("/choices/0/message/content").asString("").isBlank(), chat::toString);
      Eventually.await(
          "what that has cost, by tenant and model",
          LIMIT,
          () -> {
            JsonNode cost = answer(url, commands.getLast()).at("/data/0");
            return cost.path("tenant").asString("").equals("demo")
                && cost.path("model").asString("").equals("demo")
                && cost.path("jobs").asInt() == 1;
          });
    }
  }

  private static List<String> curlCommands() throws IOException {
    return SHELL
        .matcher(Files.readString(README))
        .results()
        .flatMap(block -> CURL.matcher(block.group(1)).results())
        .map(MatchResult::group)
        .toList();
  }

  private JsonNode answer(String url, String command) throws Exception {
    assertTrue(command.contains(USUAL_URL), command);
    Ended ended = ended(command.replace(USUAL_URL, url));
    assertEquals(0, ended.code(), () -> command + "\n" + ended.stderr());
    return JsonMapper.shared().readTree(ended.stdout());
  }

  private record Ended(int code, String stdout, String stderr) {}

  private Ended ended(String command) throws Exception {
    Path stdout = folder.resolve("stdout");
    Path stderr = folder.resolve("stderr");
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    try {
      assertTrue(process.waitFor(LIMIT), () -> "does not end: " + command);
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(stdout), Files.readString(stderr));
  }
}
