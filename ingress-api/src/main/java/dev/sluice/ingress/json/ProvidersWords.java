package dev.sluice.ingress.json;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A provider's refusal as it said it.
///
/// @param anthropic whether it is in Anthropic's dialect and not in OpenAI's
/// @param type of the error; empty where the provider named none
@SuppressWarnings("ArrayRecordComponent") // read-only by agreement: it goes out as it came
public record ProvidersWords(byte[] body, boolean anthropic, String type, String message) {

  /// Empty where the body is not a JSON object.
  public static Optional<ProvidersWords> of(byte[] body) {
    try {
      JsonNode said = JsonMapper.shared().readTree(body);
      if (!said.isObject()) {
        return Optional.empty();
      }
      boolean anthropic = said.path("type").stringValue("").equals("error");
      JsonNode error = said.path("error");
      return Optional.of(
          new ProvidersWords(
              body,
              anthropic,
              error.path("type").stringValue(""),
              error.path("message").stringValue("")));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }
}
