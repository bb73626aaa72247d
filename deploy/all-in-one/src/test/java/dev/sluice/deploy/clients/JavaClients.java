package dev.sluice.deploy.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;

/// The vendors' SDKs for Java, pointed at a Sluice. They check that every answer has what their
/// models demand, and send nothing twice.
final class JavaClients {
  private JavaClients() {}

  static OpenAIClient openAi(String url, String key) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(url + "/v1")
        .apiKey(key)
        .maxRetries(0)
        .responseValidation(true)
        .build();
  }

  static AnthropicClient anthropic(String url, String key) {
    return AnthropicOkHttpClient.builder()
        .baseUrl(url + "/anthropic")
        .apiKey(key)
        .maxRetries(0)
        .responseValidation(true)
        .build();
  }
}
