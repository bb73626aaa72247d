package dev.sluice.deploy.cli;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;

/// The person in front of it, if there is one.
final class Terminal {
  private Terminal() {}

  /// Whether both input and output are a terminal.
  static boolean interactive() {
    return console().isPresent();
  }

  /// Asks, and takes anything but yes for no.
  static boolean confirms(String question) {
    return console()
        .map(console -> console.readLine("%s [y/N] ", question))
        .filter(answer -> answer.strip().toLowerCase(Locale.ROOT).matches("y|yes"))
        .isPresent();
  }

  private static Optional<Console> console() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }
}
