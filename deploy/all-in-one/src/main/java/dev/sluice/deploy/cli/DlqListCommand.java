package dev.sluice.deploy.cli;

import dev.sluice.contract.topic.Topics;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice dlq list`: what was set aside, newest first.
@Command(name = "list", description = "List records that could not be used, newest first.")
final class DlqListCommand implements Callable<Integer> {
  enum Format {
    TABLE,
    JSON
  }

  @Spec private CommandSpec spec;
  @Mixin private LogOptions where;
  @Mixin private LetterFilter filter;

  @Option(
      names = {"--limit"},
      paramLabel = "COUNT",
      description = "At most so many, the newest (default: 100).")
  private int limit = 100;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, or json, one object a line (default: table).")
  private Format format = Format.TABLE;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new CommandFailure(ExitCode.USAGE, "--limit: give 1 or more");
    }
    Optional<Instant> since = filter.since(Instant.now());
    Deque<Letter> newest = new ArrayDeque<>();
    int[] left = {0};
    try (LogOptions.OpenLog log = where.open(List.of(Topics.DLQ))) {
      LetterBox box = new LetterBox(log);
      box.read(
          since,
          letter -> {
            if (filter.takes(letter, since)) {
              newest.addFirst(letter);
              if (newest.size() > limit) {
                newest.removeLast();
                left[0]++;
              }
            }
          });
      print(newest, box);
      note(left[0], box.unreadable());
    }
    return ExitCode.DONE.number();
  }

  private void print(Deque<Letter> letters, LetterBox box) {
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case JSON -> letters.forEach(letter -> out.println(letter.json(box.redriven(letter.id()))));
      case TABLE -> {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("id", "at", "record", "code", "job", "state", "message"));
        letters.forEach(letter -> rows.add(letter.cells(box.redriven(letter.id()))));
        new TextTable(rows, 7).print(out);
      }
    }
    out.flush();
  }

  private void note(int left, int unreadable) {
    PrintWriter err = spec.commandLine().getErr();
    if (left > 0) {
      err.println(left + " older ones are not shown; --limit shows more");
    }
    if (unreadable > 0) {
      err.println(unreadable + " records of the topic cannot be read");
    }
    err.flush();
  }
}
