package dev.sluice.deploy.cli;

import dev.sluice.contract.topic.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice dlq redrive`: after the reason is mended, the record is tried again.
@Command(
    name = "redrive",
    description = "Write records that could not be used to their topics again.")
final class DlqRedriveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogOptions where;
  @Mixin private LetterFilter filter;
  @Mixin private OutputOption output;

  @Parameters(paramLabel = "ID", arity = "0..*", description = "Ids of dead letters.")
  private List<String> ids = List.of();

  @Option(
      names = {"--all"},
      description = "All that --topic, --code and --since leave, instead of ids.")
  private boolean all;

  @Option(
      names = {"--again"},
      description = "Also those that were written again before; a job may then run twice.")
  private boolean again;

  @Option(
      names = {"-y", "--yes"},
      description = "Do not ask; without a terminal nothing is asked anyway.")
  private boolean yes;

  @Override
  public Integer call() {
    if (all != ids.isEmpty() || (!all && filter.narrows())) {
      throw new CommandFailure(
          ExitCode.USAGE, "give ids of dead letters, or --all with --topic, --code, --since");
    }
    try (LogOptions.OpenLog log = where.open(List.of(Topics.DLQ))) {
      List<Letter> chosen = choose(log);
      if (!chosen.isEmpty() && !yes && Terminal.interactive()) {
        if (!Terminal.confirms("Write " + summary(chosen) + "?")) {
          throw new CommandFailure(ExitCode.FAILED, "nothing was written");
        }
      }
      return redrive(chosen, log);
    }
  }

  /// The letters to write again, oldest first.
  private List<Letter> choose(LogOptions.OpenLog log) {
    Map<LetterId, Letter> known = new TreeMap<>();
    Optional<Instant> since = filter.since(Instant.now());
    LetterBox box = new LetterBox(log);
    List<LetterId> wanted = ids.stream().map(LetterId::parse).distinct().toList();
    box.read(
        since,
        letter -> {
          if (all ? filter.takes(letter, since) : wanted.contains(letter.id())) {
            known.put(letter.id(), letter);
          }
        });
    for (LetterId id : wanted) {
      if (!known.containsKey(id)) {
        throw DlqShowCommand.unknown(id);
      }
      if (box.redriven(id) && !again) {
        throw new CommandFailure(
            ExitCode.FAILED, id + " was written again before; --again does it once more");
      }
    }
    known.keySet().removeIf(id -> !again && box.redriven(id));
    return new ArrayList<>(known.values());
  }

  private static String summary(List<Letter> letters) {
    return letters.stream()
        .collect(Collectors.groupingBy(Letter::topic, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(topic -> topic.getValue() + " record(s) to " + topic.getKey())
        .collect(Collectors.joining(", "));
  }

  private int redrive(List<Letter> letters, LogOptions.OpenLog log) {
    PrintWriter err = spec.commandLine().getErr();
    int written = 0;
    try (Redrive redrive = new Redrive(log);
        ProgressLine progress = new ProgressLine(err, letters.size())) {
      for (int i = 0; i < letters.size(); i++) {
        Letter letter = letters.get(i);
        progress.at(i);
        switch (redrive.write(letter)) {
          case Redrive.Outcome.Written _ -> written++;
          case Redrive.Outcome.Refused(String why) ->
              err.println("sluice: " + letter.id() + " is not written: " + why);
        }
      }
    }
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    int refused = letters.size() - written;
    if (output.json()) {
      OutputOption.print(
          out,
          SluiceClient.JSON.createObjectNode().put("written", written).put("refused", refused));
    } else {
      out.println(written + " written again" + (refused == 0 ? "" : ", " + refused + " refused"));
      out.flush();
    }
    return (refused == 0 ? ExitCode.DONE : ExitCode.FAILED).number();
  }
}
