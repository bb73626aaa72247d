package dev.sluice.bench.process;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The one line that `sluice up` prints when it can serve.
record ReadyLine(URI http, String kafka, URI admin) {
  private static final Pattern FORM =
      Pattern.compile("ready (http\\S+) kafka (\\S+) admin (http\\S+)( key \\S+)?");

  static Optional<ReadyLine> parse(String line) {
    Matcher form = FORM.matcher(line);
    return form.matches()
        ? Optional.of(
            new ReadyLine(URI.create(form.group(1)), form.group(2), URI.create(form.group(3))))
        : Optional.empty();
  }
}
