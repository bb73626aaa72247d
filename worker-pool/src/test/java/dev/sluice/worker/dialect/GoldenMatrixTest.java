package dev.sluice.worker.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.wire.JsonText;
import dev.sluice.worker.wire.StreamedAnswer;
import dev.sluice.worker.wire.UsageReader;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Every fixture through every pair: what is sent, what is answered, and that a stream says what a
/// whole answer says.
class GoldenMatrixTest {
  private static final String JOB = "job_01k3x0v7s0h0g8r4f2m6n9p5qa";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = START.plusSeconds(2);
  private static final List<Endpoint> CALLERS =
      List.of(Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.RESPONSES, Endpoint.MESSAGES);
  private static final List<Endpoint> PROVIDERS = List.of(Endpoint.CHAT, Endpoint.MESSAGES);

  static Stream<Arguments> requests() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (Endpoint caller : CALLERS) {
      for (Endpoint provider : PROVIDERS) {
        if (Pair.of(caller, provider).isPresent()) {
          for (String name : Golden.cases("requests", caller)) {
            all.add(Arguments.of(caller, provider, name));
          }
        }
      }
    }
    return all.stream();
  }

  static Stream<Arguments> answers() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (Endpoint provider : PROVIDERS) {
      for (String name : Golden.cases("answers", provider)) {
        for (Endpoint caller : CALLERS) {
          boolean tools = name.contains("call") || name.contains("tools");
          if (Pair.of(caller, provider).isPresent() && !(caller == Endpoint.COMPLETIONS && tools)) {
            all.add(Arguments.of(caller, provider, name));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0} over {1}: {2}")
  @MethodSource("requests")
  void sendsTheRequest(Endpoint caller, Endpoint provider, String name) throws IOException {
    Pair pair = Pair.of(caller, provider).orElseThrow();

    ObjectNode made = pair.request(call(Golden.json("requests", caller, name)));

    Golden.check("requests", caller, name, provider, made);
  }

  @ParameterizedTest(name = "{0} over {1}: {2}")
  @MethodSource("answers")
  void answersAsAWhole(Endpoint caller, Endpoint provider, String name) throws IOException {
    Pair pair = Pair.of(caller, provider).orElseThrow();

    Golden.check("answers", provider, name, caller, whole(pair, caller, name));
  }

  @ParameterizedTest(name = "{0} over {1}: {2}")
  @MethodSource("answers")
  void streamsWhatItAnswersAsAWhole(Endpoint caller, Endpoint provider, String name)
      throws IOException {
    Pair pair = Pair.of(caller, provider).orElseThrow();
    List<ObjectNode> events = new ArrayList<>();
    AnswerWriting writing = pair.writing(call(asked(caller)), events::add);
    AnswerReading reading = pair.reading(writing::part);
    StreamedAnswer theirs = StreamedAnswer.of(provider, true);

    for (JsonNode event : Golden.events(provider, name)) {
      reading.event(event);
      theirs.add(event);
    }
    ObjectNode result = writing.end(theirs.usage().orElseThrow(), END);

    Golden.checkEvents(provider, name, caller, events);
    ObjectNode whole = whole(pair, caller, name);
    assertEquals(whole, result);
    StreamedAnswer ours = StreamedAnswer.of(caller, true);
    events.forEach(ours::add);
    assertEquals(essence(read(whole)), essence(JsonText.MAPPER.readTree(ours.body())));
    assertEquals(UsageReader.of(caller, whole.path("usage")), ours.usage());
  }

  @ParameterizedTest(name = "{0} over {1}: {2}")
  @MethodSource("answers")
  void numbersTheEventsOfAResponseWithoutGaps(Endpoint caller, Endpoint provider, String name)
      throws IOException {
    if (caller != Endpoint.RESPONSES) {
      return;
    }
    List<ObjectNode> events = new ArrayList<>();
    Pair pair = Pair.of(caller, provider).orElseThrow();
    AnswerWriting writing = pair.writing(call(asked(caller)), events::add);
    AnswerReading reading = pair.reading(writing::part);

    Golden.events(provider, name).forEach(reading::event);
    writing.end(TokenUsage.NONE, END);

    assertFalse(events.isEmpty());
    for (int i = 0; i < events.size(); i++) {
      assertEquals(i, events.get(i).path("sequence_number").intValue());
    }
  }

  private static ObjectNode whole(Pair pair, Endpoint caller, String name) throws IOException {
    JsonNode answer = Golden.json("answers", pair.provider(), name);
    AnswerWriting writing = pair.writing(call(asked(caller)), AnswerWriting.Events.NONE);
    pair.reading(writing::part).whole(answer);
    return writing.end(UsageReader.of(pair.provider(), answer.path("usage")).orElseThrow(), END);
  }

  private static JsonNode read(JsonNode written) {
    return JsonText.MAPPER.readTree(written.toString());
  }

  private static Call call(JsonNode request) {
    return new Call(JOB, request, START, OptionalInt.empty(), "max_tokens");
  }

  private static JsonNode asked(Endpoint caller) {
    return JsonText.MAPPER.readTree(
        caller == Endpoint.RESPONSES
            ? "{\"model\":\"m\",\"input\":\"hi\",\"metadata\":{\"k\":\"v\"},"
                + "\"text\":{\"verbosity\":\"low\"},\"reasoning\":{\"effort\":\"low\"}}"
            : "{\"model\":\"m\",\"stream_options\":{\"include_usage\":true}}");
  }

  /// Without what a stream cannot say or says otherwise: absent members, and places in lists.
  private static JsonNode essence(JsonNode node) {
    if (node instanceof ArrayNode array) {
      ArrayNode copy = JsonText.MAPPER.createArrayNode();
      array.forEach(element -> copy.add(essence(element)));
      return copy;
    }
    if (!(node instanceof ObjectNode object)) {
      return node;
    }
    ObjectNode copy = JsonText.MAPPER.createObjectNode();
    for (var member : object.properties()) {
      JsonNode value = member.getValue();
      boolean said = !value.isNull() && !(value.isString() && value.asString().isEmpty());
      if (said && !member.getKey().equals("index") && !member.getKey().equals("logprobs")) {
        copy.set(member.getKey(), essence(value));
      }
    }
    return copy;
  }
}
