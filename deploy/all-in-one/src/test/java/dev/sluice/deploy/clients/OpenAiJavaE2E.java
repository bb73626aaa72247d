package dev.sluice.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponse;
import com.openai.core.http.HttpResponseFor;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.completions.CompletionUsage;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.models.Model;
import com.openai.models.moderations.ModerationCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCompactParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseRetrieveParams;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.uploads.Upload;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import dev.sluice.testkit.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// A whole Sluice as OpenAI's SDK for Java meets it. The SDK validates every answer against its own
/// models.
class OpenAiJavaE2E {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static RunningSluice sluice;
  private static OpenAIClient client;

  @BeforeAll
  static void serves(@TempDir Path folder) throws Exception {
    sluice = RunningSluice.start(folder, RunningSluice.SIMULATED);
    client = JavaClients.openAi(sluice.url(), RunningSluice.KEY);
  }

  @AfterAll
  static void stops() {
    client.close();
    sluice.close();
  }

  @Test
  void answersChatsAndCompletions() {
    try (HttpResponseFor<ChatCompletion> answer =
        client.chat().completions().withRawResponse().create(chat("fast"))) {
      assertTrue(answer.requestId().orElseThrow().startsWith("job_"));
      ChatCompletion chat = answer.parse();
      ChatCompletion.Choice choice = chat.choices().getFirst();
      assertFalse(choice.message().content().orElseThrow().isBlank());
      assertEquals(ChatCompletion.Choice.FinishReason.STOP, choice.finishReason());
      assertAddsUp(chat.usage().orElseThrow());
    }

    var completion =
        client
            .completions()
            .create(CompletionCreateParams.builder().model("fast").prompt("Water").build());
    assertFalse(completion.choices().getFirst().text().isBlank());
    assertAddsUp(completion.usage().orElseThrow());
  }

  @Test
  void streamsChatsWithTheirUsageLast() {
    ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client
            .chat()
            .completions()
            .createStreaming(
                chat("fast").toBuilder()
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                    .build())) {
      List<ChatCompletionChunk> chunks = stream.stream().map(whole::accumulate).toList();
      assertTrue(chunks.size() > 3, "parts, not one piece");
      assertTrue(chunks.getLast().choices().isEmpty());
    }

    ChatCompletion.Choice choice = whole.chatCompletion().choices().getFirst();
    assertFalse(choice.message().content().orElseThrow().isBlank());
    assertEquals(ChatCompletion.Choice.FinishReason.STOP, choice.finishReason());
    assertAddsUp(whole.chatCompletion().usage().orElseThrow());
  }

  @Test
  void answersStreamsAndContinuesResponses() {
    Response first = client.responses().create(response("fast").instructions("Be short.").build());
    assertEquals(ResponseStatus.COMPLETED, first.status().orElseThrow());
    assertFalse(text(first).isBlank());
    assertTrue(first.usage().orElseThrow().outputTokens() > 0);
    assertEquals(text(first), text(client.responses().retrieve(first.id())));

    ResponseAccumulator whole = ResponseAccumulator.createWithSnapshots();
    try (StreamResponse<ResponseStreamEvent> stream =
        client
            .responses()
            .createStreaming(response("fast").previousResponseId(first.id()).build())) {
      List<ResponseStreamEvent> events = stream.stream().map(whole::accumulate).toList();
      assertTrue(events.getFirst().isCreated());
      assertTrue(events.getLast().isCompleted());
      assertTrue(events.stream().filter(ResponseStreamEvent::isOutputTextDelta).count() > 2);
    }
    Response second = whole.response();
    assertEquals(first.id(), second.previousResponseId().orElseThrow());
    assertEquals(text(second), text(whole.reconstructedResponse()));
    assertEquals(3, client.responses().inputItems().list(second.id()).autoPager().stream().count());

    client.responses().delete(first.id());
    assertThrows(NotFoundException.class, () -> client.responses().retrieve(first.id()));
  }

  @Test
  void runsAndReplaysResponsesInTheBackground() throws Exception {
    String id;
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(response("fast").background(true).build())) {
      List<ResponseStreamEvent> events = stream.stream().toList();
      assertTrue(events.get(1).isQueued());
      id = events.getLast().asCompleted().response().id();
    }
    ResponseRetrieveParams tail = ResponseRetrieveParams.builder().startingAfter(2).build();
    try (StreamResponse<ResponseStreamEvent> replay =
        client.responses().retrieveStreaming(id, tail)) {
      List<ResponseStreamEvent> events = replay.stream().toList();
      assertFalse(events.getFirst().isCreated());
      assertTrue(events.getLast().isCompleted());
    }

    Response queued = client.responses().create(response("fast").background(true).build());
    assertTrue(queued.background().orElseThrow());
    Eventually.await(
        "the end of " + queued.id(),
        LIMIT,
        () ->
            client
                .responses()
                .retrieve(queued.id())
                .status()
                .equals(Optional.of(ResponseStatus.COMPLETED)));
  }

  @Test
  void cancelsResponses() {
    Response begun = client.responses().create(response("endless").background(true).build());

    Response cancelled = client.responses().cancel(begun.id());

    assertEquals(ResponseStatus.CANCELLED, cancelled.status().orElseThrow());
    assertEquals(
        ResponseStatus.CANCELLED, client.responses().retrieve(begun.id()).status().orElseThrow());
  }

  @Test
  void embedsAndModerates() {
    var vectors =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("fast")
                    .inputOfArrayOfStrings(List.of("one", "two"))
                    .build());
    assertEquals(2, vectors.data().size());
    assertEquals(8, vectors.data().getFirst().embedding().size());

    var judged =
        client
            .moderations()
            .create(
                ModerationCreateParams.builder()
                    .model("fast")
                    .inputOfStrings(List.of("water", "simulated-violence"))
                    .build());
    assertEquals(
        List.of(false, true), judged.results().stream().map(one -> one.flagged()).toList());
  }

  @Test
  void listsModels() {
    List<String> ids = client.models().list().autoPager().stream().map(Model::id).toList();

    assertEquals(List.of("cut", "endless", "fast", "refused"), ids);
    assertEquals("fast", client.models().retrieve("fast").id());
  }

  @Test
  void runsBatchesOfFilesAndOfUploads() throws Exception {
    FileObject file =
        client
            .files()
            .create(
                FileCreateParams.builder()
                    .file(lines("a", "b", "c"))
                    .purpose(FilePurpose.BATCH)
                    .build());
    Batch whole = ended(create(file.id()));
    assertEquals(3, whole.requestCounts().orElseThrow().completed());
    try (HttpResponse content = client.files().content(whole.outputFileId().orElseThrow())) {
      String text = new String(content.body().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(3, text.lines().count());
      assertTrue(text.contains("\"custom_id\":\"c\""));
    }

    Upload upload = upload(lines("d", "e"));
    Batch parts = ended(create(upload.file().orElseThrow().id()));
    assertEquals(2, parts.requestCounts().orElseThrow().completed());

    List<String> listed = client.batches().list().autoPager().stream().map(Batch::id).toList();
    assertEquals(List.of(parts.id(), whole.id()), listed);
    assertTrue(client.files().delete(file.id()).deleted());
    assertThrows(NotFoundException.class, () -> client.files().retrieve(file.id()));
  }

  @Test
  void failsWithTheExceptionsThatProgramsCatch() {
    OpenAIClient stranger = JavaClients.openAi(sluice.url(), "sk-nobody");
    OpenAIServiceException wrongKey =
        assertThrows(
            UnauthorizedException.class, () -> stranger.chat().completions().create(chat("fast")));
    assertEquals("invalid_api_key", wrongKey.code().orElseThrow());
    stranger.close();
    assertEquals("model_not_found model", failure(NotFoundException.class, "nobody"));
    ChatCompletionCreateParams wrong =
        chat("fast").toBuilder()
            .putAdditionalBodyProperty("temperature", JsonValue.from("hot"))
            .build();
    OpenAIServiceException mistyped =
        assertThrows(BadRequestException.class, () -> client.chat().completions().create(wrong));
    assertEquals("schema_violation temperature", named(mistyped));
    OpenAIServiceException refused =
        assertThrows(
            BadRequestException.class, () -> client.chat().completions().create(chat("refused")));
    assertEquals("simulated", refused.type().orElseThrow());
    OpenAIServiceException unknown =
        assertThrows(NotFoundException.class, () -> client.responses().retrieve("resp_nobody"));
    assertEquals("not_found", unknown.code().orElseThrow());
  }

  @Test
  void whatIsNotServedSaysSo() {
    ResponseCompactParams compact = ResponseCompactParams.builder().model("fast").build();

    assertNotServed(() -> client.responses().inputTokens().count());
    assertNotServed(() -> client.responses().compact(compact));
    assertNotServed(() -> client.conversations().create());
    OpenAIServiceException conversation =
        assertThrows(
            BadRequestException.class,
            () -> client.responses().create(response("fast").conversation("conv_1").build()));
    assertEquals("schema_violation conversation", named(conversation));
  }

  @Test
  void aStreamThatBreaksOffThrows() {
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(chat("cut"))) {
      SseException broken = assertThrows(SseException.class, () -> stream.stream().toList());
      assertEquals("stream_interrupted", broken.code().orElseThrow());
    }
  }

  private static String failure(Class<? extends OpenAIServiceException> type, String model) {
    return named(assertThrows(type, () -> client.chat().completions().create(chat(model))));
  }

  private static void assertNotServed(Executable call) {
    assertEquals(
        "endpoint_not_served", assertThrows(NotFoundException.class, call).code().orElseThrow());
  }

  private static String named(OpenAIServiceException failure) {
    return failure.code().orElse("") + " " + failure.param().orElse("");
  }

  private static ChatCompletionCreateParams chat(String model) {
    return ChatCompletionCreateParams.builder()
        .model(model)
        .addUserMessage("Say something about water.")
        .build();
  }

  private static ResponseCreateParams.Builder response(String model) {
    return ResponseCreateParams.builder().model(model).input("Say something about water.");
  }

  private static String text(Response response) {
    StringBuilder text = new StringBuilder();
    response.output().stream()
        .flatMap(item -> item.message().stream())
        .flatMap(message -> message.content().stream())
        .flatMap(content -> content.outputText().stream())
        .forEach(part -> text.append(part.text()));
    return text.toString();
  }

  private static byte[] lines(String... customIds) {
    StringBuilder lines = new StringBuilder();
    for (String customId : customIds) {
      lines.append(
          """
          {"custom_id":"%s","method":"POST","url":"/v1/chat/completions",\
          "body":{"model":"fast","messages":[{"role":"user","content":"Hi"}],"max_tokens":3}}
          """
              .formatted(customId));
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Upload upload(byte[] content) {
    Upload begun =
        client
            .uploads()
            .create(
                UploadCreateParams.builder()
                    .filename("in.jsonl")
                    .mimeType("application/jsonl")
                    .purpose(FilePurpose.BATCH)
                    .bytes(content.length)
                    .build());
    String part =
        client
            .uploads()
            .parts()
            .create(begun.id(), PartCreateParams.builder().data(content).build())
            .id();
    return client
        .uploads()
        .complete(begun.id(), UploadCompleteParams.builder().addPartId(part).build());
  }

  private static Batch create(String fileId) {
    return client
        .batches()
        .create(
            BatchCreateParams.builder()
                .inputFileId(fileId)
                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                .build());
  }

  private static Batch ended(Batch created) throws Exception {
    AtomicReference<Batch> seen = new AtomicReference<>(created);
    Eventually.await(
        "the end of " + created.id(),
        LIMIT,
        () -> {
          seen.set(client.batches().retrieve(created.id()));
          return seen.get().status().equals(Batch.Status.COMPLETED);
        });
    return seen.get();
  }

  private static void assertAddsUp(CompletionUsage usage) {
    assertTrue(usage.completionTokens() > 0);
    assertEquals(usage.promptTokens() + usage.completionTokens(), usage.totalTokens());
  }
}
