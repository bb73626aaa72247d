package dev.sluice.contract.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The part of a page of `docs` that is written from the code: between two marks, so that the rest
/// of the page can be written by hand. `mvn -Dsluice.docs.write=true -pl schemas/contract test`
/// writes it; every other run fails where the page has drifted.
final class GeneratedPart {
  private static final Path DOCS = Path.of("../../docs");
  private static final boolean WRITE = Boolean.getBoolean("sluice.docs.write");
  private static final String BEGIN = "<!-- written by DocumentationTest from here -->\n";
  private static final String END = "<!-- to here -->\n";

  private GeneratedPart() {}

  static void check(String page, String expected) throws IOException {
    Path file = DOCS.resolve(page);
    String text = Files.readString(file);
    if (WRITE) {
      text = before(text) + expected + after(text);
      Files.writeString(file, text);
    }

    String found = text.substring(before(text).length(), text.length() - after(text).length());

    assertEquals(
        expected, found, "docs/" + page + " is behind the code; run with -Dsluice.docs.write=true");
  }

  private static String before(String text) {
    return text.substring(0, text.indexOf(BEGIN) + BEGIN.length());
  }

  private static String after(String text) {
    return text.substring(text.indexOf(END));
  }
}
