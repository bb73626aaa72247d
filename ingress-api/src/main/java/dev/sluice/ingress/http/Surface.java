package dev.sluice.ingress.http;

/// Whose manners an answer has.
enum Surface {
  /// OpenAI's error object and headers.
  OPENAI,
  /// RFC 9457.
  NATIVE
}
