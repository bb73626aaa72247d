package dev.sluice.bench.story;

import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One story, as its file tells it.
///
/// @param name of its page
/// @param headline for the index, with `{figure}` in it
/// @param about what happens and what is asked, in sentences
/// @param day on which its traffic falls; present where the routing core alone tells it, under the
///   times of that day; else it is told on a whole Sluice, in its own time
/// @param mocks providers by name; a pool of the policy has the same name
/// @param policy the product's own configuration, in which `${mock:NAME}` stands for a provider
public record Story(
    String name,
    String about,
    String headline,
    Optional<Day> day,
    Map<String, Mock> mocks,
    String policy,
    List<Traffic> traffic,
    List<Phase> phases,
    List<Expected> expected) {

  public Story {
    mocks = Map.copyOf(mocks);
    traffic = List.copyOf(traffic);
    phases = List.copyOf(phases);
    expected = List.copyOf(expected);
  }

  /// A day of a calendar.
  public record Day(LocalDate date, ZoneId zone) {}

  /// A provider.
  ///
  /// @param answersAfter from a call to its answer
  /// @param death when it is killed, and when it is there again
  public record Mock(Duration answersAfter, Optional<Death> death) {}

  /// `kill -9` of a provider.
  public record Death(Duration at, Duration back) {}

  /// A line of traffic.
  ///
  /// @param waits whether each is a call that waits for its answer; else it is a job
  /// @param measured whether each is looked at again when all is over
  /// @param perHour of a story of a day: requests in each of its 24 hours
  /// @param tokens of a story of a day: what each uses
  /// @param against of a story of a day: the model that it is compared with
  public record Traffic(
      String name,
      String tenant,
      String model,
      String priority,
      boolean waits,
      boolean measured,
      double perSecond,
      Duration from,
      Duration length,
      List<Integer> perHour,
      Tokens tokens,
      Optional<String> against) {

    public Traffic {
      perHour = List.copyOf(perHour);
    }
  }

  /// Tokens of a prompt and its answer.
  public record Tokens(long input, long output) {}

  /// A part of the time, for which figures are told apart by when a request was due.
  public record Phase(String name, Duration from, Duration to) {}

  /// What a figure must be.
  ///
  /// @param always whether a short form must keep it too; else it is one of speed
  public record Expected(
      String figure, Optional<Double> atLeast, Optional<Double> atMost, boolean always) {

    boolean holds(double value) {
      return atLeast.map(least -> value >= least).orElse(true)
          && atMost.map(most -> value <= most).orElse(true);
    }

    @Override
    public String toString() {
      return atLeast.map(least -> "at least " + number(least)).orElse("")
          + (atLeast.isPresent() && atMost.isPresent() ? ", " : "")
          + atMost.map(most -> "at most " + number(most)).orElse("");
    }

    private static String number(double value) {
      return value == Math.rint(value) ? Long.toString(Math.round(value)) : Double.toString(value);
    }
  }

  /// The headline with the figures that it names; they have at most two decimals.
  public String headline(Map<String, Double> figures) {
    String text = headline;
    for (Map.Entry<String, Double> figure : figures.entrySet()) {
      String value =
          figure.getValue() == Math.rint(figure.getValue())
              ? "%,d".formatted(Math.round(figure.getValue()))
              : String.format(Locale.ROOT, "%.2f", figure.getValue());
      text = text.replace("{" + figure.getKey() + "}", value);
    }
    return text;
  }

  /// The same with all times a part of what they were; how long a provider takes stays.
  public Story shortened(double part) {
    return new Story(
        name,
        about,
        headline,
        day,
        mapped(part),
        policy,
        traffic.stream()
            .map(line ->
                new Traffic(
                    line.name(),
                    line.tenant(),
                    line.model(),
                    line.priority(),
                    line.waits(),
                    line.measured(),
                    line.perSecond(),
                    times(line.from(), part),
                    times(line.length(), part),
                    line.perHour(),
                    line.tokens(),
                    line.against()))
            .toList(),
        phases.stream()
            .map(phase ->
                new Phase(phase.name(), times(phase.from(), part), times(phase.to(), part)))
            .toList(),
        expected);
  }

  private Map<String, Mock> mapped(double part) {
    Map<String, Mock> shorter = new HashMap<>();
    mocks.forEach((key, mock) ->
        shorter.put(
            key,
            new Mock(
                mock.answersAfter(),
                mock.death()
                    .map(death -> new Death(times(death.at(), part), times(death.back(), part))))));
    return shorter;
  }

  private static Duration times(Duration length, double part) {
    return Duration.ofNanos(Math.round(length.toNanos() * part));
  }
}
