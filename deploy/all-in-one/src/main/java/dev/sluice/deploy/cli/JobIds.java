package dev.sluice.deploy.cli;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/// The jobs a command is about: those typed, or one a line from stdin, so that commands can be
/// piped: `sluice submit … | sluice wait`.
final class JobIds {
  @Parameters(
      paramLabel = "JOB",
      arity = "0..*",
      description = "Ids of jobs; without any, or with `-`, one a line from stdin.")
  private List<String> typed = new ArrayList<>();

  List<String> read() {
    if (!typed.isEmpty() && !typed.equals(List.of("-"))) {
      return typed;
    }
    List<String> ids =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(JobIds::idIn)
            .toList();
    if (ids.isEmpty()) {
      throw new CommandFailure(ExitCode.USAGE, "no job id given, neither typed nor on stdin");
    }
    return ids;
  }

  /// A line is an id, or a job as `-o json` prints it.
  private static String idIn(String line) {
    return line.startsWith("{") ? SluiceClient.JSON.readTree(line).path("id").asString("") : line;
  }
}
