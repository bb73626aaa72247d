package dev.sluice.bench.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The story files that are shipped are read, the product takes their policies, and those of a day
/// come out as they expect.
class StoryFilesTest {
  static final Path STORIES = Path.of("stories");

  @TempDir Path folder;

  static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(STORIES)) {
      return all.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isReadAndItsPolicyTaken(Path file) throws IOException {
    Story story = StoryReader.read(file);

    assertEquals(file.getFileName().toString(), story.name() + ".yaml");
    assertFalse(StoryPolicy.of(story, folder).models().isEmpty());
  }

  @Test
  void dayNightComesOutAsItExpects() throws IOException {
    Figures figures = dayNight(Files.readString(STORIES.resolve("day-night.yaml")));

    Story story = StoryReader.read(STORIES.resolve("day-night.yaml"));
    for (Story.Expected expected : story.expected()) {
      assertTrue(figures.meets(expected), expected.figure() + " of " + figures.all());
    }
    assertEquals(17_295, figures.all().get("chats: requests"));
    // 17,295 x (900 x 0.15 + 350 x 0.60) / 10^6 and 2,250 x (6000 x 0.15 + 800 x 0.60) / 10^6
    assertEquals(5.966775, figures.all().get("chats: USD by fixed"), 1e-9);
    assertEquals(3.105, figures.all().get("digests: USD by fixed"), 1e-9);
    assertFalse(story.headline(figures.all()).contains("{"));
  }

  @Test
  void savesNothingWhereTheNightCostsWhatTheDayDoes() throws IOException {
    String same =
        Files.readString(STORIES.resolve("day-night.yaml"))
            .replace("input: 0.03, output: 0.12", "input: 0.15, output: 0.60");

    assertEquals(0, dayNight(same).all().get("all: saved %"), 1e-9);
  }

  @Test
  void waitsForNoNightWhereTheDayIsAllowed() throws IOException {
    String always =
        Files.readString(STORIES.resolve("day-night.yaml"))
            .replace(" >= 21 || hour('Europe/Berlin') < 6", " >= 0");

    Figures figures = dayNight(always);

    assertEquals(0, figures.all().get("digests: longest wait h"), 1e-9);
    assertEquals(80, figures.all().get("all: saved %"), 1e-6);
  }

  @Test
  void refusesAKeyThatNobodyReads() throws IOException {
    Path file = folder.resolve("wrong.yaml");
    Files.writeString(
        file,
        Files.readString(STORIES.resolve("burst.yaml"))
            .replace("answers_after: PT0.2S", "answers_after: PT0.2S, dies: never"));

    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> StoryReader.read(file));
    assertTrue(refused.getMessage().contains("dies"), refused.getMessage());
  }

  private Figures dayNight(String text) throws IOException {
    Path file = folder.resolve("day-night.yaml");
    Files.writeString(file, text);
    Story story = StoryReader.read(file);
    return DayStory.tell(story, StoryPolicy.of(story, folder));
  }
}
