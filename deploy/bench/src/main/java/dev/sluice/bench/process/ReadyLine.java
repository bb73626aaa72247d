package dev.sluice.bench.process;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The one line that `sluice up`, or a part of it on its own, prints when it can serve.
///
/// @param http that of the admin port where the part takes no calls
/// @param kafka empty where a service on its own prints it
/// @param admin empty where a broker on its own prints it
record ReadyLine(URI http, String kafka, URI admin) {
  private static final Pattern FORM =
      Pattern.compile(
          "ready(?: ingress| router)?(?: (http\\S+))?(?: kafka (\\S+))?(?: admin (http\\S+))?(?: key \\S+)?");

  static Optional<ReadyLine> parse(String line) {
    Matcher form = FORM.matcher(line);
    if (!form.matches()) {
      return Optional.empty();
    }
    String admin = Objects.requireNonNullElse(form.group(3), "");
    return Optional.of(
        new ReadyLine(
            URI.create(Objects.requireNonNullElse(form.group(1), admin)),
            Objects.requireNonNullElse(form.group(2), ""),
            URI.create(admin)));
  }

  /// The same of a service that uses this broker.
  ReadyLine on(String broker) {
    return new ReadyLine(http, broker, admin);
  }
}
