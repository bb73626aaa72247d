package dev.sluice.deploy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;

/// `sluice submit`: hands in jobs and prints their ids, or with `--wait` their answers.
@Command(
    name = "submit",
    description = {
      "Hand in a job: the words typed, or what stdin holds.",
      "On stdin, JSON objects are requests of POST /v1/jobs, one job each; anything else is the"
          + " prompt."
    })
final class SubmitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Parameters(paramLabel = "WORD", arity = "0..*", description = "The prompt.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-m", "--model"},
      description = "Model (default: demo).")
  private @Nullable String model;

  @Option(
      names = {"-p", "--priority"},
      description = "interactive, standard or batch.")
  private @Nullable String priority;

  @Option(
      names = {"--deadline"},
      description = "Duration such as PT2H, or an instant.")
  private @Nullable String deadline;

  @Option(
      names = {"--max-tokens"},
      description = "Longest answer, tokens.")
  private @Nullable Integer maxTokens;

  @Option(
      names = {"--idempotency-key"},
      description = "Submits with the same key are one job.")
  private @Nullable String idempotencyKey;

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "K=V",
      description = "Tag for cost reports; may be given often.")
  private Map<String, String> tags = new LinkedHashMap<>();

  @Option(
      names = {"-w", "--wait"},
      description = "Wait for the answer and print it.")
  private boolean wait;

  @Override
  public Integer call() {
    List<ObjectNode> requests = requests();
    if (idempotencyKey != null && requests.size() > 1) {
      throw new CommandFailure(
          ExitCode.USAGE, "--idempotency-key is for one job, stdin holds " + requests.size());
    }
    ExitCode code = ExitCode.DONE;
    try (SluiceClient client = server.client()) {
      List<JsonNode> jobs = new ArrayList<>();
      for (ObjectNode request : requests) {
        jobs.add(client.post("v1/jobs", completed(request), headers()));
      }
      for (JsonNode job : jobs) {
        ExitCode ended = show(client, job);
        code = code == ExitCode.DONE ? ended : code;
      }
    }
    return code.number();
  }

  private ExitCode show(SluiceClient client, JsonNode job) {
    PrintWriter out = spec.commandLine().getOut();
    if (wait) {
      JsonNode ended = new JobPoller(client, Optional.empty()).await(job.path("id").asString());
      return WaitCommand.show(ended, output, out, spec.commandLine().getErr());
    }
    output.show(out, job, each -> each.path("id").asString());
    return ExitCode.DONE;
  }

  private Map<String, String> headers() {
    return idempotencyKey == null ? Map.of() : Map.of("idempotency-key", idempotencyKey);
  }

  private List<ObjectNode> requests() {
    if (!words.isEmpty() && !words.equals(List.of("-"))) {
      return List.of(ofPrompt(String.join(" ", words)));
    }
    byte[] input = stdin();
    String text = new String(input, StandardCharsets.UTF_8).strip();
    if (text.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "nothing to submit, neither typed nor on stdin");
    }
    return text.startsWith("{") ? ofJson(input) : List.of(ofPrompt(text));
  }

  private static ObjectNode ofPrompt(String prompt) {
    ObjectNode request = SluiceClient.JSON.createObjectNode();
    request.putArray("messages").addObject().put("role", "user").put("content", prompt);
    return request;
  }

  private static List<ObjectNode> ofJson(byte[] input) {
    try (MappingIterator<ObjectNode> values =
        SluiceClient.JSON.readerFor(ObjectNode.class).readValues(input)) {
      return values.readAll();
    } catch (JacksonException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "stdin begins like JSON but is not: " + e.getOriginalMessage());
    }
  }

  /// Options win over what a request on stdin says.
  private ObjectNode completed(ObjectNode request) {
    if (model != null) {
      request.put("model", model);
    } else if (!request.has("model") && !request.has("body")) {
      request.put("model", "demo");
    }
    if (priority != null) {
      request.put("priority", priority);
    }
    if (deadline != null) {
      request.put("deadline", deadline);
    }
    if (maxTokens != null) {
      request.put("max_tokens", maxTokens);
    }
    if (!tags.isEmpty()) {
      tags.forEach(request.withObject("/tags")::put);
    }
    return request;
  }

  private static byte[] stdin() {
    try (InputStream in = System.in) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILED, "stdin cannot be read: " + e.getMessage());
    }
  }
}
