package dev.sluice.bench.process;

import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The one line that `sluice up`, or a service on its own, prints when it can serve.
///
/// @param http that of the admin port where the service takes no calls
/// @param kafka empty where a service on its own prints it
record ReadyLine(URI http, String kafka, URI admin) {
  private static final Pattern FORM =
      Pattern.compile(
          "ready (?:ingress |router )?(?:(http\\S+) )?(?:kafka (\\S+) )?admin (http\\S+)( key \\S+)?");

  static Optional<ReadyLine> parse(String line) {
    Matcher form = FORM.matcher(line);
    return form.matches()
        ? Optional.of(
            new ReadyLine(
                URI.create(Objects.requireNonNullElse(form.group(1), form.group(3))),
                Objects.requireNonNullElse(form.group(2), ""),
                URI.create(form.group(3))))
        : Optional.empty();
  }
}
