package dev.sluice.deploy.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a dead letter is in `sluice.dlq`, which never changes: `partition:offset`.
record LetterId(int partition, long offset) implements Comparable<LetterId> {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,6}):(\\d{1,18})");

  static LetterId parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          text + " is no id of a dead letter; `sluice dlq list` shows them, as 0:17");
    }
    return new LetterId(Integer.parseInt(parts.group(1)), Long.parseLong(parts.group(2)));
  }

  @Override
  public int compareTo(LetterId other) {
    int byPartition = Integer.compare(partition, other.partition);
    return byPartition != 0 ? byPartition : Long.compare(offset, other.offset);
  }

  @Override
  public String toString() {
    return partition + ":" + offset;
  }
}
