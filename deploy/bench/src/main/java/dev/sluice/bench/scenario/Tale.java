package dev.sluice.bench.scenario;

import dev.sluice.bench.report.Row;
import dev.sluice.bench.story.DayStory;
import dev.sluice.bench.story.Figures;
import dev.sluice.bench.story.LiveStory;
import dev.sluice.bench.story.Story;
import dev.sluice.bench.story.StoryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A story from its file, with each of its figures and what the file expects of it.
public final class Tale implements Scenario {
  private final Story story;

  public Tale(Story story) {
    this.story = story;
  }

  @Override
  public String question() {
    return story.about().strip().replaceAll("\\s+", " ")
        + (story.day().isPresent()
            ? " Told by the router's own core (`RoutePolicy`, conditions in CEL) and the price book"
                + " that settles, under the times of the day itself: no clock runs, no call is"
                + " made."
            : " Told on a whole Sluice in one process, providers and callers as others on the same"
                + " cores; waits are what the jobs themselves say, from their coming to the start"
                + " of their first call.");
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Path folder = bench.newFolder();
    Files.createDirectories(folder);
    Figures figures;
    if (story.day().isPresent()) {
      figures = DayStory.tell(story, StoryPolicy.of(story, folder));
    } else {
      StoryPolicy.of(story, folder);
      try (LiveStory live = new LiveStory(story, folder, bench::say)) {
        Duration warmUp = bench.options().warmUp();
        figures = live.tell(bench.options().launcher(), warmUp);
      }
    }
    return findings(figures);
  }

  private Findings findings(Figures figures) {
    Findings findings = new Findings();
    for (Map.Entry<String, Double> figure : figures.all().entrySet()) {
      findings.row(
          new Row()
              .with("figure", figure.getKey())
              .with("value", figure.getValue())
              .with("expected", expectation(figure.getKey(), figures)));
    }
    story.expected().forEach(expected -> findings.require(figures.meets(expected)));
    findings.headline(story.headline(figures.all()));
    return findings;
  }

  private String expectation(String figure, Figures figures) {
    return story.expected().stream()
        .filter(expected -> expected.figure().equals(figure))
        .map(expected -> expected + (figures.meets(expected) ? "" : " (MISSED)"))
        .findFirst()
        .orElse("");
  }
}
