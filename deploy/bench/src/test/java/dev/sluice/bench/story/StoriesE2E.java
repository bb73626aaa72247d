package dev.sluice.bench.story;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The stories that need a whole Sluice, in a third of their time. What they expect of speed is not
/// asked here: another build may have the machine.
class StoriesE2E {
  private static final double SHORT = 0.3;
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final PrintStream PROGRESS = System.err;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"hot-switch", "burst"})
  void comesOutAsItExpects(String name) throws Exception {
    Path module = Path.of("").toAbsolutePath();
    Story story = StoryReader.read(StoryFilesTest.STORIES.resolve(name + ".yaml")).shortened(SHORT);
    Files.createDirectories(folder);
    Figures figures;
    try (LiveStory live = new LiveStory(story, folder, PROGRESS::println)) {
      figures = live.tell(module.resolveSibling("sluice"), WARM_UP);
    }

    PROGRESS.println(figures.all());
    for (Story.Expected expected : story.expected()) {
      assertTrue(
          !expected.always() || figures.meets(expected),
          () -> expected.figure() + " is not " + expected + ": " + figures.all());
    }
    assertTrue(
        story.expected().stream().allMatch(each -> figures.all().containsKey(each.figure())),
        () -> "a figure is not measured: " + figures.all());
  }
}
