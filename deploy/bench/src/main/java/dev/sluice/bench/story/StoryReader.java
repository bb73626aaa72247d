package dev.sluice.bench.story;

import dev.sluice.bench.story.Story.Day;
import dev.sluice.bench.story.Story.Death;
import dev.sluice.bench.story.Story.Expected;
import dev.sluice.bench.story.Story.Mock;
import dev.sluice.bench.story.Story.Phase;
import dev.sluice.bench.story.Story.Tokens;
import dev.sluice.bench.story.Story.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// Reads a story's file. Anything in it that is not understood is an error.
public final class StoryReader {
  private StoryReader() {}

  /// @throws IllegalArgumentException when the file tells no story; says where
  public static Story read(Path file) throws IOException {
    Object root = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    Section story = new Section(file.getFileName().toString(), root);
    Story read =
        new Story(
            story.text("story"),
            story.text("about"),
            story.text("headline"),
            story.optional("day").map(date -> day(date, story)),
            story.section("mocks").map(StoryReader::mocks).orElse(Map.of()),
            story.text("policy"),
            story.list("traffic", StoryReader::traffic),
            story.list("phases", StoryReader::phase),
            story.list("expect", StoryReader::expected));
    story.end();
    check(read);
    return read;
  }

  private static Day day(String date, Section story) {
    return new Day(LocalDate.parse(date), ZoneId.of(story.text("zone")));
  }

  private static Map<String, Mock> mocks(Section mocks) {
    Map<String, Mock> read = new HashMap<>();
    for (String name : mocks.names()) {
      Section mock = mocks.section(name).orElseThrow();
      Optional<Death> death =
          mock.optional("dies_at")
              .map(at -> new Death(Duration.parse(at), Duration.parse(mock.text("back_at"))));
      read.put(name, new Mock(mock.time("answers_after"), death));
      mock.end();
    }
    return read;
  }

  private static Traffic traffic(Section line) {
    return new Traffic(
        line.text("name"),
        line.text("tenant"),
        line.text("model"),
        line.optional("priority").orElse("standard"),
        line.optional("waits").map(Boolean::parseBoolean).orElse(false),
        line.optional("measured").map(Boolean::parseBoolean).orElse(false),
        line.optional("per_second").map(Double::parseDouble).orElse(0.0),
        line.optional("from").map(Duration::parse).orElse(Duration.ZERO),
        line.optional("for").map(Duration::parse).orElse(Duration.ZERO),
        line.numbers("per_hour"),
        line.section("tokens").map(StoryReader::tokens).orElse(new Tokens(0, 0)),
        line.optional("against"));
  }

  private static Tokens tokens(Section tokens) {
    Tokens read =
        new Tokens(Long.parseLong(tokens.text("input")), Long.parseLong(tokens.text("output")));
    tokens.end();
    return read;
  }

  private static Phase phase(Section phase) {
    return new Phase(phase.text("name"), phase.time("from"), phase.time("to"));
  }

  private static Expected expected(Section expected) {
    return new Expected(
        expected.text("figure"),
        expected.optional("at_least").map(Double::parseDouble),
        expected.optional("at_most").map(Double::parseDouble),
        expected.optional("always").map(Boolean::parseBoolean).orElse(false));
  }

  private static void check(Story story) {
    require(!story.traffic().isEmpty(), story, "has no traffic");
    require(!story.expected().isEmpty(), story, "expects nothing");
    require(!story.headline().isBlank(), story, "has no headline");
    for (Expected each : story.expected()) {
      require(
          each.atLeast().isPresent() || each.atMost().isPresent(),
          story,
          "expects nothing of " + each.figure());
    }
    for (Traffic line : story.traffic()) {
      boolean timed = line.perSecond() > 0 && line.length().isPositive();
      boolean hourly = line.perHour().size() == 24 && line.against().isPresent();
      require(
          story.day().isPresent() ? hourly && !timed : timed && line.perHour().isEmpty(),
          story,
          "does not say when " + line.name() + " comes");
    }
    story
        .mocks()
        .forEach((name, mock) -> {
          require(
              mock.death().map(death -> death.at().compareTo(death.back()) < 0).orElse(true),
              story,
              "lets " + name + " come back before it dies");
          require(
              story.policy().contains("${mock:" + name + "}"),
              story,
              "never uses provider " + name);
        });
  }

  private static void require(boolean holds, Story story, String wrong) {
    if (!holds) {
      throw new IllegalArgumentException("story " + story.name() + " " + wrong);
    }
  }

  /// A mapping of the file, of which each key is read once. For one thread.
  private static final class Section {
    private final String path;
    private final Map<String, @Nullable Object> left = new HashMap<>();

    Section(String path, @Nullable Object node) {
      this.path = path;
      if (!(node instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException(path + " is not a mapping");
      }
      map.forEach((key, value) -> left.put(String.valueOf(key), value));
    }

    List<String> names() {
      return List.copyOf(left.keySet());
    }

    Optional<String> optional(String key) {
      return Optional.ofNullable(left.remove(key)).map(String::valueOf);
    }

    String text(String key) {
      return optional(key).orElseThrow(() -> new IllegalArgumentException(path + " lacks " + key));
    }

    Duration time(String key) {
      return Duration.parse(text(key));
    }

    Optional<Section> section(String key) {
      return Optional.ofNullable(left.remove(key)).map(node -> new Section(path + "." + key, node));
    }

    List<Integer> numbers(String key) {
      return left.remove(key) instanceof List<?> list
          ? list.stream().map(each -> Integer.parseInt(String.valueOf(each))).toList()
          : List.of();
    }

    <T> List<T> list(String key, Function<Section, T> read) {
      if (!(left.remove(key) instanceof List<?> list)) {
        return List.of();
      }
      return list.stream()
          .map(node -> {
            Section section = new Section(path + "." + key, node);
            T one = read.apply(section);
            section.end();
            return one;
          })
          .toList();
    }

    void end() {
      if (!left.isEmpty()) {
        throw new IllegalArgumentException(path + " has what nobody reads: " + left.keySet());
      }
    }
  }
}
