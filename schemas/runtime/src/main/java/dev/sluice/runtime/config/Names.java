package dev.sluice.runtime.config;

/// The shapes of names and weights that several parts of the file have.
final class Names {
  static final Shape.Text ID =
      new Shape.Text(
          "[A-Za-z0-9][A-Za-z0-9_-]{0,63}",
          "1 to 64 letters, digits, - or _, beginning with a letter or digit");
  static final Shape.Text MODEL =
      new Shape.Text("[!-~]{1,256}", "1 to 256 visible ASCII characters without spaces");
  static final Shape.Whole WEIGHT = new Shape.Whole(1, 1_000);

  private Names() {}
}
