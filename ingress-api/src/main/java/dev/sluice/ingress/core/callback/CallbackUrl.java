package dev.sluice.ingress.core.callback;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/// A callback URL, taken apart once: what is checked and what is connected to come from the same
/// reading. Spellings that two readers could understand differently are none.
///
/// @param host a name in lower case without a trailing dot, or an address without brackets
/// @param literal the address, where the host is one
/// @param target path and query, as sent
public record CallbackUrl(
    boolean secure, String host, int port, Optional<InetAddress> literal, String target) {
  public static final int MAX_CHARACTERS = 2_048;

  /// Empty for anything that is not one: another scheme, a user, a fragment, an address in any but
  /// its usual notation.
  public static Optional<CallbackUrl> parse(String text) {
    if (text.length() > MAX_CHARACTERS
        || !text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '\\')) {
      return Optional.empty();
    }
    URI uri;
    try {
      uri = new URI(text).parseServerAuthority();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https");
    if ((!secure && !scheme.equals("http"))
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null
        || uri.getPort() == 0
        || uri.getPort() > 65_535) {
      return Optional.empty();
    }
    int port = uri.getPort() > 0 ? uri.getPort() : secure ? 443 : 80;
    return read(secure, uri.getHost().toLowerCase(Locale.ROOT), port, target(uri));
  }

  private static String target(URI uri) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  private static Optional<CallbackUrl> read(boolean secure, String host, int port, String target) {
    if (host.startsWith("[")) {
      String inner = host.substring(1, host.length() - 1);
      return inner.indexOf('%') >= 0
          ? Optional.empty()
          : address(inner)
              .map(found -> new CallbackUrl(secure, inner, port, Optional.of(found), target));
    }
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    String last = name.substring(name.lastIndexOf('.') + 1);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    if (Character.isDigit(last.charAt(0))) {
      return isDottedQuad(name)
          ? address(name)
              .map(found -> new CallbackUrl(secure, name, port, Optional.of(found), target))
          : Optional.empty();
    }
    return Optional.of(new CallbackUrl(secure, name, port, Optional.empty(), target));
  }

  private static Optional<InetAddress> address(String literal) {
    try {
      return Optional.of(InetAddress.ofLiteral(literal));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// Four decimal numbers: no octal, no hexadecimal, none left out.
  private static boolean isDottedQuad(String name) {
    String[] parts = name.split("\\.", -1);
    for (String part : parts) {
      if (!part.matches("0|[1-9]\\d{0,2}") || Integer.parseInt(part) > 255) {
        return false;
      }
    }
    return parts.length == 4;
  }

  /// Scheme, host and port: who receives.
  public String origin() {
    String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    boolean usual = port == (secure ? 443 : 80);
    return (secure ? "https://" : "http://") + shown + (usual ? "" : ":" + port);
  }

  /// The one spelling by which two URLs are compared.
  public String canonical() {
    return origin() + target;
  }
}
