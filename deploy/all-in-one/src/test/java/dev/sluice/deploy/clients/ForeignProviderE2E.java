package dev.sluice.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.anthropic.client.AnthropicClient;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import dev.sluice.deploy.registry.NodeProject;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Callers and providers that nobody here wrote, with Sluice between them: the vendors' SDKs for
/// Java before it, CopilotKit's aimock behind it, as an OpenAI-compatible server, as OpenAI and as
/// Anthropic. Every caller's dialect meets every provider's.
class ForeignProviderE2E {
  private static final String CONFIGURATION =
      """
      server: {}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel]}]
      pools:
        - {id: compatible, provider: openai-compatible, base_url: %1$s/v1, concurrency: 8}
        - {id: vendor, provider: openai, base_url: %1$s/v1, api_key: "${env:CI_KEY}", concurrency: 8}
        - {id: claude, provider: anthropic, base_url: %1$s/v1, api_key: "${env:CI_KEY}", concurrency: 8}
      models:
        - {id: compatible, routes: [{pool: compatible, model: compatible}]}
        - {id: vendor, routes: [{pool: vendor, model: vendor}]}
        - {id: claude, routes: [{pool: claude, model: claude}]}
      """;

  private static final String WATER = "Water finds its way through every gate.";
  private static final String SUNNY = "It is sunny in Paris.";

  private static Process provider;
  private static RunningSluice sluice;
  private static OpenAIClient openAi;
  private static AnthropicClient anthropic;

  /// A tool, as the SDK makes its schema from a class.
  static final class GetWeather {
    public String city;
  }

  /// A structured answer.
  static final class River {
    public String name;
    public int kilometres;
  }

  @BeforeAll
  static void serves(@TempDir Path folder) throws Exception {
    provider = NodeProject.at("aimock").start("provider.js");
    BufferedReader out = provider.inputReader(StandardCharsets.UTF_8);
    sluice = RunningSluice.start(folder, CONFIGURATION.formatted(out.readLine()));
    // What passes through is as incomplete as the provider made it.
    openAi =
        JavaClients.openAi(sluice.url(), RunningSluice.KEY)
            .withOptions(options -> options.responseValidation(false));
    anthropic = JavaClients.anthropic(sluice.url(), RunningSluice.KEY);
  }

  @AfterAll
  static void stops() throws Exception {
    if (provider == null) {
      return;
    }
    openAi.close();
    anthropic.close();
    sluice.close();
    provider.outputWriter().close();
    assertTrue(provider.waitFor(30, TimeUnit.SECONDS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void chatIsAnsweredAndStreamed(String model) {
    ChatCompletionCreateParams asked = chat(model, "Say something about water.").build();

    ChatCompletion answer = openAi.chat().completions().create(asked);
    ChatCompletionAccumulator streamed = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        openAi.chat().completions().createStreaming(asked)) {
      assertTrue(stream.stream().map(streamed::accumulate).count() > 3);
    }

    assertEquals(WATER, answer.choices().getFirst().message().content().orElseThrow());
    assertEquals(9, answer.usage().orElseThrow().promptTokens());
    assertEquals(11, answer.usage().orElseThrow().completionTokens());
    assertEquals(
        WATER, streamed.chatCompletion().choices().getFirst().message().content().orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void chatCallsToolsAndHasItsStructure(String model) {
    ChatCompletionCreateParams.Builder asked =
        chat(model, "What is the weather?").addTool(GetWeather.class);

    ChatCompletion first = openAi.chat().completions().create(asked.build());
    ChatCompletion.Choice choice = first.choices().getFirst();
    ChatCompletionMessage message = choice.message();
    ChatCompletionMessageFunctionToolCall call =
        message.toolCalls().orElseThrow().getFirst().asFunction();
    asked
        .addMessage(message)
        .addMessage(
            ChatCompletionToolMessageParam.builder().toolCallId(call.id()).content("sun").build());
    ChatCompletion second = openAi.chat().completions().create(asked.build());

    assertEquals(ChatCompletion.Choice.FinishReason.TOOL_CALLS, choice.finishReason());
    assertEquals("GetWeather", call.function().name());
    assertEquals("Paris", call.function().arguments(GetWeather.class).city);
    assertEquals(SUNNY, second.choices().getFirst().message().content().orElseThrow());

    River river =
        openAi
            .chat()
            .completions()
            .create(chat(model, "Describe a river.").responseFormat(River.class).build())
            .choices()
            .getFirst()
            .message()
            .content()
            .orElseThrow();
    assertEquals("Seine 775", river.name + " " + river.kilometres);
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void responsesAreAnsweredStreamedAndContinued(String model) {
    ResponseCreateParams asked =
        ResponseCreateParams.builder().model(model).input("Say something about water.").build();

    Response answer = openAi.responses().create(asked);
    ResponseAccumulator streamed = ResponseAccumulator.createWithSnapshots();
    try (StreamResponse<ResponseStreamEvent> stream =
        openAi
            .responses()
            .createStreaming(asked.toBuilder().previousResponseId(answer.id()).build())) {
      List<ResponseStreamEvent> events = stream.stream().map(streamed::accumulate).toList();
      assertTrue(events.getLast().isCompleted());
    }

    assertEquals(WATER, text(answer));
    assertEquals(WATER, text(streamed.reconstructedResponse()));
    assertEquals(WATER, text(openAi.responses().retrieve(streamed.response().id())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void messagesAreAnsweredAndStreamed(String model) {
    MessageCreateParams asked = message(model, "Say something about water.").build();

    Message answer = anthropic.messages().create(asked);
    MessageAccumulator streamed = MessageAccumulator.create();
    try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream =
        anthropic.messages().createStreaming(asked)) {
      assertTrue(stream.stream().map(streamed::accumulate).count() > 5);
    }

    assertEquals(WATER, text(answer));
    assertEquals(WATER, text(streamed.message()));
    assertEquals(9, answer.usage().inputTokens());
    assertEquals(11, answer.usage().outputTokens());
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void messagesCallTools(String model) {
    MessageCreateParams.Builder asked =
        message(model, "What is the weather?").addTool(getWeather());

    MessageAccumulator streamed = MessageAccumulator.create();
    try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream =
        anthropic.messages().createStreaming(asked.build())) {
      stream.stream().forEach(streamed::accumulate);
    }
    Message first = streamed.message();
    ToolUseBlock use =
        first.content().stream()
            .flatMap(block -> block.toolUse().stream())
            .findFirst()
            .orElseThrow();
    ToolResultBlockParam result =
        ToolResultBlockParam.builder().toolUseId(use.id()).content("sun").build();
    asked
        .addMessage(first)
        .addUserMessageOfContentBlockParams(List.of(ContentBlockParam.ofToolResult(result)));
    Message second = anthropic.messages().create(asked.build());

    assertEquals(StopReason.TOOL_USE, first.stopReason().orElseThrow());
    assertEquals("GetWeather", use.name());
    assertEquals(Map.of("city", "Paris"), use._input().convert(Map.class));
    assertEquals(SUNNY, text(second));
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void aRefusalKeepsItsWordsInTheCallersFrame(String model) {
    var chat = chat(model, "Refuse this.").build();
    var message = message(model, "Refuse this.").build();

    var ofChat =
        assertThrows(
            com.openai.errors.BadRequestException.class,
            () -> openAi.chat().completions().create(chat));
    var ofMessage =
        assertThrows(
            com.anthropic.errors.BadRequestException.class,
            () -> anthropic.messages().create(message));

    assertEquals("400: That is not allowed.", ofChat.getMessage());
    assertEquals("That is not allowed.", ofMessage.apiMessage().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "compatible,429",
    "compatible,503",
    "vendor,429",
    "vendor,503",
    "claude,429",
    "claude,503"
  })
  void whatFailsOnceIsAskedAgain(String model, int status) {
    ChatCompletion answer =
        openAi.chat().completions().create(chat(model, "Fail once with " + status).build());

    assertEquals(
        "Now it works, after " + status + ".",
        answer.choices().getFirst().message().content().orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"compatible", "vendor", "claude"})
  void aStreamThatBreaksOffSaysSo(String model) {
    var chat = chat(model, "Break off.").build();
    try (StreamResponse<ChatCompletionChunk> stream =
        openAi.chat().completions().createStreaming(chat)) {
      var broken =
          assertThrows(
              com.openai.errors.SseException.class, () -> stream.stream().forEach(_ -> {}));
      assertEquals("stream_interrupted", broken.code().orElseThrow());
    }
    var message = message(model, "Break off.").build();
    try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream =
        anthropic.messages().createStreaming(message)) {
      assertThrows(com.anthropic.errors.SseException.class, () -> stream.stream().forEach(_ -> {}));
    }
  }

  private static ChatCompletionCreateParams.Builder chat(String model, String text) {
    return ChatCompletionCreateParams.builder().model(model).addUserMessage(text);
  }

  private static MessageCreateParams.Builder message(String model, String text) {
    return MessageCreateParams.builder().model(model).maxTokens(512).addUserMessage(text);
  }

  private static Tool getWeather() {
    return Tool.builder()
        .name("GetWeather")
        .inputSchema(
            Tool.InputSchema.builder()
                .properties(
                    Tool.InputSchema.Properties.builder()
                        .putAdditionalProperty(
                            "city", com.anthropic.core.JsonValue.from(Map.of("type", "string")))
                        .build())
                .addRequired("city")
                .build())
        .build();
  }

  private static String text(Message message) {
    return message.content().stream()
        .flatMap(block -> block.text().stream())
        .map(block -> block.text())
        .collect(Collectors.joining());
  }

  private static String text(Response response) {
    return response.output().stream()
        .flatMap(item -> item.message().stream())
        .flatMap(message -> message.content().stream())
        .flatMap(content -> content.outputText().stream())
        .map(part -> part.text())
        .collect(Collectors.joining());
  }
}
