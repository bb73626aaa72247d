package dev.sluice.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.HttpResponseFor;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.AnthropicServiceException;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.SseException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.batches.BatchCreateParams;
import com.anthropic.models.messages.batches.MessageBatch;
import com.anthropic.models.messages.batches.MessageBatchIndividualResponse;
import com.anthropic.models.models.ModelInfo;
import dev.sluice.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole Sluice as Anthropic's SDK for Java meets it. The SDK validates every answer against its
/// own models.
class AnthropicJavaE2E {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static RunningSluice sluice;
  private static AnthropicClient client;

  @BeforeAll
  static void serves(@TempDir Path folder) throws Exception {
    sluice = RunningSluice.start(folder, RunningSluice.SIMULATED);
    client = JavaClients.anthropic(sluice.url(), RunningSluice.KEY);
  }

  @AfterAll
  static void stops() {
    client.close();
    sluice.close();
  }

  @Test
  void answersMessagesAndCountsTokens() {
    try (HttpResponseFor<Message> answer =
        client.messages().withRawResponse().create(message("fast"))) {
      String job = answer.requestId().orElseThrow();
      Message message = answer.parse();
      assertEquals(job.replace("job_", "msg_"), message.id());
      assertFalse(text(message).isBlank());
      assertEquals(StopReason.END_TURN, message.stopReason().orElseThrow());
      assertTrue(message.usage().inputTokens() > 0);
      assertTrue(message.usage().outputTokens() > 0);
    }

    long counted =
        client
            .messages()
            .countTokens(
                MessageCountTokensParams.builder().model("fast").addUserMessage("Water").build())
            .inputTokens();
    assertTrue(counted > 0);
  }

  @Test
  void streamsMessages() {
    MessageAccumulator whole = MessageAccumulator.create();
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(message("fast"))) {
      List<RawMessageStreamEvent> events = stream.stream().map(whole::accumulate).toList();
      assertTrue(events.getFirst().isMessageStart());
      assertTrue(events.getLast().isMessageStop());
      assertTrue(events.stream().filter(RawMessageStreamEvent::isContentBlockDelta).count() > 2);
    }

    Message message = whole.message();
    assertFalse(text(message).isBlank());
    assertEquals(StopReason.END_TURN, message.stopReason().orElseThrow());
    assertTrue(message.usage().outputTokens() > 0);
  }

  @Test
  void runsMessageBatchesAndStreamsTheirResults() throws Exception {
    MessageBatch created = batch(Map.of("a", "fast", "b", "fast", "wrong", "refused"));
    assertEquals(3, created.requestCounts().processing());

    MessageBatch ended = ended(created);

    assertEquals(2, ended.requestCounts().succeeded());
    assertEquals(1, ended.requestCounts().errored());
    Map<String, MessageBatchIndividualResponse> results;
    try (StreamResponse<MessageBatchIndividualResponse> stream =
        client.messages().batches().resultsStreaming(created.id())) {
      results =
          stream.stream()
              .collect(
                  Collectors.toMap(MessageBatchIndividualResponse::customId, Function.identity()));
    }
    assertEquals(3, results.size());
    assertFalse(text(results.get("a").result().asSucceeded().message()).isBlank());
    assertTrue(results.get("wrong").result().asErrored().error().error().isInvalidRequestError());
    assertEquals(
        List.of(created.id()),
        client.messages().batches().list().autoPager().stream()
            .map(MessageBatch::id)
            .filter(created.id()::equals)
            .toList());
    assertEquals(created.id(), client.messages().batches().delete(created.id()).id());
    assertThrows(NotFoundException.class, () -> client.messages().batches().retrieve(created.id()));
  }

  @Test
  void cancelsMessageBatches() throws Exception {
    MessageBatch created = batch(Map.of("a", "endless", "b", "endless"));

    MessageBatch cancelling = client.messages().batches().cancel(created.id());
    assertTrue(cancelling.cancelInitiatedAt().isPresent());
    MessageBatch ended = ended(created);

    assertEquals(2, ended.requestCounts().canceled());
  }

  @Test
  void listsModels() {
    List<String> ids = client.models().list().autoPager().stream().map(ModelInfo::id).toList();

    assertEquals(List.of("cut", "endless", "fast", "refused"), ids);
    assertEquals("fast", client.models().retrieve("fast").id());
  }

  @Test
  void failsWithTheExceptionsThatProgramsCatch() {
    AnthropicClient stranger = JavaClients.anthropic(sluice.url(), "sk-nobody");
    assertTyped(
        ErrorType.AUTHENTICATION_ERROR,
        assertThrows(
            UnauthorizedException.class, () -> stranger.messages().create(message("fast"))));
    stranger.close();
    assertTyped(
        ErrorType.NOT_FOUND_ERROR,
        assertThrows(NotFoundException.class, () -> client.messages().create(message("nobody"))));
    MessageCreateParams wrong =
        message("fast").toBuilder()
            .putAdditionalBodyProperty("stream", JsonValue.from("yes"))
            .build();
    assertTyped(
        ErrorType.INVALID_REQUEST_ERROR,
        assertThrows(BadRequestException.class, () -> client.messages().create(wrong)));
    assertTyped(
        ErrorType.INVALID_REQUEST_ERROR,
        assertThrows(
            BadRequestException.class, () -> client.messages().create(message("refused"))));
    assertTyped(
        ErrorType.NOT_FOUND_ERROR,
        assertThrows(
            NotFoundException.class, () -> client.messages().batches().retrieve("msgbatch_no")));
  }

  @Test
  void whatIsNotServedSaysSo() {
    assertTyped(
        ErrorType.NOT_FOUND_ERROR,
        assertThrows(NotFoundException.class, () -> client.files().list()));
    AnthropicClient direct = client.withOptions(options -> options.baseUrl(sluice.url()));
    assertTyped(
        ErrorType.NOT_FOUND_ERROR,
        assertThrows(NotFoundException.class, () -> direct.files().list()));
  }

  @Test
  void aStreamThatBreaksOffThrows() {
    try (StreamResponse<RawMessageStreamEvent> stream =
        client.messages().createStreaming(message("cut"))) {
      SseException broken = assertThrows(SseException.class, () -> stream.stream().toList());
      assertEquals(ErrorType.API_ERROR, broken.type().orElseThrow());
    }
  }

  private static void assertTyped(ErrorType type, AnthropicServiceException failure) {
    assertEquals(type, failure.type().orElseThrow());
    assertTrue(failure.requestId().isPresent());
  }

  private static MessageCreateParams message(String model) {
    return MessageCreateParams.builder()
        .model(model)
        .maxTokens(4096)
        .addUserMessage("Say something about water.")
        .build();
  }

  private static String text(Message message) {
    return message.content().stream()
        .flatMap(block -> block.text().stream())
        .map(block -> block.text())
        .collect(Collectors.joining());
  }

  private static MessageBatch batch(Map<String, String> models) {
    BatchCreateParams.Builder batch = BatchCreateParams.builder();
    models.forEach((customId, model) ->
        batch.addRequest(
            BatchCreateParams.Request.builder()
                .customId(customId)
                .params(
                    BatchCreateParams.Request.Params.builder()
                        .model(model)
                        .maxTokens(1024)
                        .addUserMessage("Water")
                        .build())
                .build()));
    return client.messages().batches().create(batch.build());
  }

  private static MessageBatch ended(MessageBatch created) throws Exception {
    AtomicReference<MessageBatch> seen = new AtomicReference<>(created);
    Eventually.await(
        "the end of " + created.id(),
        LIMIT,
        () -> {
          seen.set(client.messages().batches().retrieve(created.id()));
          return seen.get().processingStatus().equals(MessageBatch.ProcessingStatus.ENDED);
        });
    return seen.get();
  }
}
