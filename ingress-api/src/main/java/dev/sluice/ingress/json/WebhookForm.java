package dev.sluice.ingress.json;

import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.callback.EventTypes;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Bodies about webhook endpoints and callback secrets; a member that none of them has is refused.
///
/// @param name for people
/// @param url as the caller wrote it
/// @param eventTypes names and patterns, each one known
/// @param enabled whether events are to be sent to it
public record WebhookForm(
    Optional<String> name,
    Optional<String> url,
    Optional<List<String>> eventTypes,
    Optional<Boolean> enabled) {
  private static final int MAX_TEXT_CHARACTERS = 256;
  private static final int MAX_URL_CHARACTERS = 2_048;
  private static final int MAX_TYPES = 32;
  private static final Duration OVERLAP = Duration.ofHours(24);
  private static final Duration MAX_OVERLAP = Duration.ofDays(7);

  /// A new endpoint, or changes of one; `status` is only for changes.
  ///
  /// @throws RefusedException when it is none
  public static WebhookForm read(byte[] body) {
    Reader reader = new Reader();
    StrictJson.read(body, reader::member);
    return new WebhookForm(reader.name, reader.url, reader.eventTypes, reader.enabled);
  }

  /// A new endpoint, with all that it needs.
  ///
  /// @throws RefusedException when it is none
  public static WebhookForm readNew(byte[] body) {
    WebhookForm form = read(body);
    if (form.url().isEmpty()) {
      throw Fields.wrong("/url", "is required");
    }
    if (form.eventTypes().isEmpty()) {
      throw Fields.wrong("/event_types", "is required");
    }
    return form;
  }

  private static final class Reader {
    private Optional<String> name = Optional.empty();
    private Optional<String> url = Optional.empty();
    private Optional<List<String>> eventTypes = Optional.empty();
    private Optional<Boolean> enabled = Optional.empty();

    void member(String member, JsonParser value) {
      switch (member) {
        case "name" -> name = text(value, "/name", MAX_TEXT_CHARACTERS);
        case "url" -> url = text(value, "/url", MAX_URL_CHARACTERS);
        case "event_types" -> eventTypes = Optional.of(types(value));
        case "status" -> enabled = Optional.of(enabled(value));
        default -> throw Fields.wrong("/" + member, "is not a member of a webhook endpoint");
      }
    }
  }

  private static Optional<String> text(JsonParser value, String pointer, int max) {
    return Fields.isNull(value) ? Optional.empty() : Optional.of(Fields.text(value, pointer, max));
  }

  private static boolean enabled(JsonParser value) {
    return switch (Fields.text(value, "/status", MAX_TEXT_CHARACTERS)) {
      case "enabled" -> true;
      case "disabled" -> false;
      default -> throw Fields.wrong("/status", "must be enabled or disabled");
    };
  }

  private static List<String> types(JsonParser value) {
    if (value.currentToken() != JsonToken.START_ARRAY) {
      throw Fields.wrong("/event_types", "must be an array of event types");
    }
    List<String> types = new ArrayList<>();
    while (value.nextToken() != JsonToken.END_ARRAY) {
      String pointer = "/event_types/" + types.size();
      String type = Fields.text(value, pointer, MAX_TEXT_CHARACTERS);
      if (!EventTypes.isKnown(type)) {
        throw Fields.wrong(pointer, "must be one of " + EventTypes.known());
      }
      types.add(type);
      if (types.size() > MAX_TYPES) {
        throw Fields.wrong("/event_types", "has at most " + MAX_TYPES + " elements");
      }
    }
    if (types.isEmpty()) {
      throw Fields.wrong("/event_types", "must not be empty");
    }
    return types;
  }

  /// How long the secret before a rotation goes on signing: 24 hours unless the body says
  /// otherwise, by `overlap` or by the vendor's `keep_old_secret_active_for_24_hours`.
  ///
  /// @throws RefusedException when the body says something else
  public static Duration overlap(byte[] body) {
    Duration[] overlap = {OVERLAP};
    if (body.length > 0) {
      StrictJson.read(
          body,
          (name, value) -> {
            switch (name) {
              case "keep_old_secret_active_for_24_hours" ->
                  overlap[0] = Fields.bool(value, "/" + name) ? OVERLAP : Duration.ZERO;
              case "overlap" ->
                  overlap[0] = duration(Fields.text(value, "/overlap", MAX_TEXT_CHARACTERS));
              default -> throw Fields.wrong("/" + name, "is not a member of a rotation");
            }
          });
    }
    return overlap[0];
  }

  private static Duration duration(String text) {
    try {
      Duration overlap = Duration.parse(text);
      if (!overlap.isNegative() && overlap.compareTo(MAX_OVERLAP) <= 0) {
        return overlap;
      }
    } catch (DateTimeException e) {
      throw Fields.wrong("/overlap", "must be a duration such as PT24H");
    }
    throw Fields.wrong("/overlap", "must be from PT0S to P7D");
  }

  /// The event that a test sends.
  ///
  /// @throws RefusedException when it names none
  public static String testType(byte[] body) {
    String[] type = {""};
    StrictJson.read(
        body,
        (name, value) -> {
          if (!name.equals("event_type")) {
            throw Fields.wrong("/" + name, "is not a member of a test");
          }
          type[0] = Fields.text(value, "/event_type", MAX_TEXT_CHARACTERS);
        });
    if (!EventTypes.isName(type[0])) {
      throw Fields.wrong("/event_type", "must be one event, such as job.succeeded");
    }
    return type[0];
  }

  /// The id of a new callback secret, if the body names one.
  ///
  /// @throws RefusedException when it is none
  public static Optional<String> secretId(byte[] body) {
    String[] id = {""};
    if (body.length > 0) {
      StrictJson.read(
          body,
          (name, value) -> {
            if (!name.equals("id")) {
              throw Fields.wrong("/" + name, "is not a member of a callback secret");
            }
            id[0] = Fields.text(value, "/id", 64);
            if (!id[0].matches("[a-zA-Z0-9_.-]+")) {
              throw Fields.wrong("/id", "has letters, digits, dots, dashes and underscores");
            }
          });
    }
    return id[0].isEmpty() ? Optional.empty() : Optional.of(id[0]);
  }
}
