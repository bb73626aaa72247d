package dev.sluice.ingress.json;

import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.CacheWish;
import dev.sluice.ingress.core.CallbackWish;
import dev.sluice.ingress.core.DeadlineRule;
import dev.sluice.ingress.core.IdempotencyKey;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// `POST /v1/jobs`: the job's own members, and a request either beside them (`messages` or `input`)
/// or under `body`. The members that are not the job's own go on byte for byte. Owned by one
/// thread, used once.
public final class JobForm {
  private static final int MAX_TEXT_CHARACTERS = 256;
  private static final int MAX_URL_CHARACTERS = 2_048;

  private final byte[] source;
  private final Instant now;
  private final List<Range> passedOn = new ArrayList<>();
  private final Map<String, String> tags = new HashMap<>();
  private String model = "";
  private String endpoint = "";
  private String foreign = "";
  private boolean stream;
  private @Nullable Range body;
  private @Nullable BodyForm bodyForm;
  private @Nullable BodyForm inlineForm;
  private Optional<Priority> priority = Optional.empty();
  private Optional<Instant> deadline = Optional.empty();
  private Optional<String> session = Optional.empty();
  private Optional<String> group = Optional.empty();
  private Optional<String> idempotencyKey = Optional.empty();
  private Optional<CacheWish> cache = Optional.empty();
  private Optional<String> callbackUrl = Optional.empty();
  private Optional<String> callbackSecret = Optional.empty();

  /// Bytes from `start` to before `end`.
  private record Range(int start, int end) {}

  private JobForm(byte[] source, Instant now) {
    this.source = source;
    this.now = now;
  }

  /// @throws RefusedException when it is not a job
  public static Submitted read(byte[] source, Instant now) {
    // The endpoint decides how the request is read, and may stand after it: find it first.
    Outline outline = Outline.of(source);
    JobForm form = new JobForm(source, now);
    form.endpoint = outline.endpoint();
    if (outline.hasBody()) {
      form.bodyForm = new BodyForm(outline.endpoint(), "/body");
    } else {
      form.inlineForm = new BodyForm(outline.endpoint(), "");
    }
    StrictJson.read(source, form::member);
    return form.submitted();
  }

  /// Which form the job has.
  private record Outline(String endpoint, boolean hasBody) {
    static Outline of(byte[] source) {
      String[] endpoint = {""};
      boolean[] has = new boolean[3];
      StrictJson.read(
          source,
          (name, value) -> {
            switch (name) {
              case "endpoint" -> endpoint[0] = Fields.text(value, "/endpoint", MAX_TEXT_CHARACTERS);
              case "body" -> has[0] = true;
              case "messages" -> has[1] = true;
              case "input" -> has[2] = true;
              default -> {}
            }
            value.skipChildren();
          });
      return decide(endpoint[0], has[0], has[1], has[2]);
    }

    private static Outline decide(String endpoint, boolean body, boolean messages, boolean input) {
      int forms = (body ? 1 : 0) + (messages ? 1 : 0) + (input ? 1 : 0);
      if (forms != 1 || body == endpoint.isEmpty()) {
        throw new RefusedException(
            Refusal.field(
                forms == 0 ? "/messages" : body ? "/endpoint" : "/body",
                "a job has either messages, or input, or endpoint and body"));
      }
      if (body && !Endpoints.ALL.contains(endpoint)) {
        throw Fields.wrong("/endpoint", "is not served by this version");
      }
      return new Outline(body ? endpoint : messages ? Endpoints.CHAT : Endpoints.RESPONSES, body);
    }
  }

  private void member(String name, JsonParser value) {
    switch (name) {
      case "priority" -> priority = Optional.of(priority(value));
      case "deadline" -> deadline = deadline(value);
      case "tags" -> tags.putAll(Fields.tags(value, "/tags"));
      case "session" -> session = text(value, "/session");
      case "group" -> group = text(value, "/group");
      case "idempotency_key" -> idempotencyKey = idempotencyKey(value);
      case "callback_url" -> callbackUrl = callbackUrl(value);
      case "callback_secret_id" -> callbackSecret = text(value, "/callback_secret_id");
      case "cache" -> cache = cache(value);
      case "endpoint" -> value.skipChildren();
      case "body" -> body(value);
      default -> shared(name, value);
    }
  }

  /// Members that the request knows too, and those that only it knows.
  private void shared(String name, JsonParser value) {
    int start = StrictJson.offsetOf(value);
    if (inlineForm != null) {
      inlineForm.member(name, value);
      passedOn.add(new Range(start, StrictJson.endOf(value)));
      names.add(name);
    } else if (name.equals("model")) {
      model = Fields.text(value, "/model", BodyForm.MAX_MODEL_CHARACTERS);
    } else if (name.equals("stream")) {
      stream = !Fields.isNull(value) && Fields.bool(value, "/stream");
    } else {
      value.skipChildren();
      foreign = foreign.isEmpty() ? name : foreign;
    }
  }

  private final List<String> names = new ArrayList<>();

  private void body(JsonParser value) {
    if (value.currentToken() != JsonToken.START_OBJECT || bodyForm == null) {
      throw Fields.wrong("/body", "must be an object");
    }
    int start = StrictJson.offsetOf(value);
    for (String name = value.nextName(); name != null; name = value.nextName()) {
      value.nextToken();
      if (name.equals("model") && Fields.isNull(value)) {
        throw Fields.wrong("/body/model", "must be a string");
      }
      bodyForm.member(name, value);
    }
    body = new Range(start, StrictJson.endOf(value));
  }

  private Submitted submitted() {
    if (!foreign.isEmpty()) {
      throw new RefusedException(
          Refusal.field(
              "/" + foreign.replace("~", "~0").replace("/", "~1"),
              "not a member of a job with endpoint and body; move it into body"));
    }
    Submitted request = bodyForm != null && body != null ? fromBody(bodyForm, body) : inline();
    Map<String, String> all = new HashMap<>(request.tags());
    all.putAll(tags);
    return new Submitted(
        endpoint,
        request.model(),
        request.body(),
        request.stream() || stream,
        request.includeUsage(),
        request.maxOutputTokens(),
        request.choices(),
        request.serviceTier(),
        priority,
        deadline,
        all,
        session,
        group,
        idempotencyKey,
        callback(),
        cache);
  }

  private Optional<CallbackWish> callback() {
    if (callbackUrl.isEmpty() && callbackSecret.isPresent()) {
      throw Fields.wrong("/callback_secret_id", "is only for a job with a callback_url");
    }
    return callbackUrl.map(url -> new CallbackWish(url, callbackSecret));
  }

  private Submitted inline() {
    if (inlineForm == null) {
      throw new IllegalStateException("a job without a form");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(source.length);
    out.write('{');
    for (int i = 0; i < passedOn.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      out.writeBytes(new JsonOut(32).string(names.get(i)).toBytes());
      out.write(':');
      Range range = passedOn.get(i);
      out.write(source, range.start(), range.end() - range.start());
    }
    out.write('}');
    return inlineForm.submitted(out.toByteArray());
  }

  private Submitted fromBody(BodyForm form, Range range) {
    byte[] bytes = java.util.Arrays.copyOfRange(source, range.start(), range.end());
    if (form.model().isEmpty()) {
      if (model.isEmpty()) {
        throw Fields.wrong("/model", "is required");
      }
      form.assume(model);
      return form.submitted(BodyForm.withModel(model, bytes));
    }
    if (!model.isEmpty() && !model.equals(form.model())) {
      throw Fields.wrong("/body/model", "must be the job's model, or absent");
    }
    return form.submitted(bytes);
  }

  private static Priority priority(JsonParser value) {
    return Priority.of(Fields.text(value, "/priority", MAX_TEXT_CHARACTERS))
        .orElseThrow(() -> Fields.wrong("/priority", "must be interactive, standard or batch"));
  }

  private Optional<Instant> deadline(JsonParser value) {
    if (Fields.isNull(value)) {
      return Optional.empty();
    }
    String text = Fields.text(value, "/deadline", MAX_TEXT_CHARACTERS);
    return Optional.of(
        DeadlineRule.named(text, now)
            .orElseThrow(() ->
                Fields.wrong(
                    "/deadline",
                    "must be a duration such as PT2H or an instant, in the next seven days")));
  }

  private static Optional<String> callbackUrl(JsonParser value) {
    return Fields.isNull(value)
        ? Optional.empty()
        : Optional.of(Fields.text(value, "/callback_url", MAX_URL_CHARACTERS));
  }

  private static Optional<String> text(JsonParser value, String pointer) {
    return Fields.isNull(value)
        ? Optional.empty()
        : Optional.of(Fields.text(value, pointer, MAX_TEXT_CHARACTERS));
  }

  private static Optional<String> idempotencyKey(JsonParser value) {
    String pointer = "/idempotency_key";
    return text(value, pointer)
        .map(text ->
            IdempotencyKey.checked(text)
                .orElseThrow(() -> Fields.wrong(pointer, "must be 1 to 255 visible characters")));
  }

  private static Optional<CacheWish> cache(JsonParser value) {
    if (Fields.isNull(value)) {
      return Optional.empty();
    }
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw Fields.wrong("/cache", "must be an object with mode and ttl");
    }
    CacheWish.Mode mode = CacheWish.Mode.USE;
    Optional<Duration> ttl = Optional.empty();
    for (String name = value.nextName(); name != null; name = value.nextName()) {
      value.nextToken();
      switch (name) {
        case "mode" -> mode = mode(value);
        case "ttl" ->
            ttl =
                Optional.of(
                    CacheWish.ttl(Fields.whole(value, "/cache/ttl", 1))
                        .orElseThrow(
                            () -> Fields.wrong("/cache/ttl", "must be at most 604800 seconds")));
        default -> throw Fields.wrong("/cache", "has the members mode and ttl only");
      }
    }
    return Optional.of(new CacheWish(mode, ttl));
  }

  private static CacheWish.Mode mode(JsonParser value) {
    return CacheWish.Mode.of(Fields.text(value, "/cache/mode", MAX_TEXT_CHARACTERS))
        .orElseThrow(() -> Fields.wrong("/cache/mode", "must be use, refresh or off"));
  }
}
