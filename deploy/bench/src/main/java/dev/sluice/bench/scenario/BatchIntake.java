package dev.sluice.bench.scenario;

import dev.sluice.bench.process.Kernel;
import dev.sluice.bench.process.MemoryWatch;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import dev.sluice.ingress.core.batch.BatchStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;

/// How fast a batch's lines are taken in, and whether memory depends on how many there are.
public final class BatchIntake implements Scenario {
  private static final int WARM_UP_LINES = 10_000;
  private static final int AT_ONCE = 10;
  private static final double MB = 1e6;
  private static final Duration LONGEST = Duration.ofMinutes(30);

  @Override
  public String question() {
    return "A file of N lines is uploaded and made a batch, while the provider keeps its answers"
        + " back. Valid: from sending POST /v1/batches to when a consumer of committed records reads"
        + " that every line was read and found good (status in_progress). Submitted: from then to"
        + " when it reads that "
        + String.format(Locale.ROOT, "%,d", BatchStep.MAX_IN_FLIGHT)
        + " lines, or all if there are fewer, are jobs in the log: so many of a batch may be in"
        + " flight, what is left follows as answers come. The router admits them meanwhile. The last"
        + " row makes "
        + AT_ONCE
        + " batches of one file, one after the other: valid is when the last of them is, and lines"
        + " are submitted from when the first one is. Memory is resident memory of Sluice with its"
        + " broker, the most seen in each phase; heap after a full collection. Running: the provider"
        + " answers at once, lines a second whose answers are in the output. Each row is a start of"
        + " its own, warmed up with calls and a batch.";
  }

  /// What a row says that the headline needs.
  private record Intake(double validPerSecond, double submittedPerSecond, double peakMib) {}

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    List<Integer> sizes = bench.options().lines();
    List<Intake> alone = new ArrayList<>();
    for (int lines : sizes) {
      alone.add(row(bench, findings, 1, lines));
    }
    Intake together =
        row(bench, findings, AT_ONCE, Math.min(BatchStep.MAX_IN_FLIGHT, sizes.getLast()));
    findings.headline(
        String.format(
            Locale.ROOT,
            "%,.0f lines validated and %,.0f submitted a second; at most %.0f MiB resident while"
                + " %,d lines are taken in, %.0f MiB with %,d",
            alone.getLast().validPerSecond(),
            together.submittedPerSecond(),
            alone.getFirst().peakMib(),
            sizes.getFirst(),
            alone.getLast().peakMib(),
            sizes.getLast()));
    return findings;
  }

  private static Intake row(Bench bench, Findings findings, int batches, int lines)
      throws IOException, InterruptedException {
    SluiceProcess sluice = bench.start();
    try (BatchProgressRows rows = new BatchProgressRows(sluice);
        MemoryWatch memory = new MemoryWatch(sluice.pid())) {
      BatchClient client = new BatchClient(sluice.http());
      bench.warmUp(Bench.chat(sluice.http(), false));
      String first =
          client.create(client.upload(BatchClient.input(bench.options().work(), WARM_UP_LINES)));
      findings.require(Wait.until(LONGEST, () -> rows.status(first).equals("completed")));
      Wait.untilIdle(sluice.pid());
      bench.mock().hold(true);
      Taking taking = new Taking(bench, findings, sluice, rows, memory);
      return taking.measure(client, batches, lines);
    } finally {
      bench.mock().hold(false);
      // Its drain would wait for thousands of lines.
      sluice.kill();
    }
  }

  /// One row, while it is measured.
  private record Taking(
      Bench bench,
      Findings findings,
      SluiceProcess sluice,
      BatchProgressRows rows,
      MemoryWatch memory) {

    Intake measure(BatchClient client, int batches, int lines)
        throws IOException, InterruptedException {
      Path input = BatchClient.input(bench.options().work(), lines);
      double heapBefore = sluice.liveHeapMib();
      double before = Kernel.residentMib(sluice.pid());
      memory.peakMib();
      Watch watch = new Watch(sluice, bench.mock());
      long began = System.nanoTime();
      String file = client.upload(input);
      long posted = System.nanoTime();
      double uploadPeak = memory.peakMib();
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < batches; i++) {
        ids.add(client.create(file));
      }
      int jobs = Math.min(lines, BatchStep.MAX_IN_FLIGHT);
      LongSummaryStatistics valid = submittedAt(ids, 0);
      LongSummaryStatistics submitted = submittedAt(ids, jobs);
      double validSeconds = (valid.getMax() - posted) / 1e9;
      double submitSeconds = (submitted.getMax() - valid.getMin()) / 1e9;
      double intakePeak = memory.peakMib();
      Watch.Cost cost = watch.stop();
      double heap = sluice.liveHeapMib();
      Row row =
          new Row()
              .with("batches", batches)
              .with("lines each", lines)
              .with("file MB", Files.size(input) / MB)
              .with("upload MB/s", Files.size(input) / MB / ((posted - began) / 1e9))
              .with("valid s", validSeconds)
              .with("valid lines/s", batches * (lines / validSeconds))
              .with("submitted lines", batches * jobs)
              .with("submitted after s", (submitted.getMax() - posted) / 1e9)
              .with("submitted lines/s", batches * jobs / submitSeconds)
              .with("resident MiB before", before)
              .with("peak MiB, upload", uploadPeak)
              .with("peak MiB, intake", intakePeak)
              .with("heap MiB before", heapBefore)
              .with("heap MiB after", heap)
              .with("foreign cores", cost.foreignCores());
      run(row, ids, lines);
      findings.row(row);
      bench.say(row.values().toString());
      return new Intake(
          batches * (lines / validSeconds),
          batches * jobs / submitSeconds,
          Math.max(uploadPeak, intakePeak));
    }

    /// Lets the provider answer, for the length of a measured run or until all is done.
    private void run(Row row, List<String> ids, int lines)
        throws IOException, InterruptedException {
      memory.peakMib();
      long began = System.nanoTime();
      bench.mock().hold(false);
      boolean all =
          Wait.until(
              bench.options().measured(),
              () -> ids.stream().allMatch(id -> rows.status(id).equals("completed")));
      double seconds = (System.nanoTime() - began) / 1e9;
      long done = ids.stream().mapToLong(rows::succeeded).sum();
      findings.require(!all || done == (long) ids.size() * lines);
      row.with("running lines/s", done / seconds).with("peak MiB, running", memory.peakMib());
    }

    /// When each of the batches had so many lines submitted.
    private LongSummaryStatistics submittedAt(List<String> ids, long lines)
        throws IOException, InterruptedException {
      LongSummaryStatistics all = new LongSummaryStatistics();
      for (String id : ids) {
        findings.require(Wait.until(LONGEST, () -> rows.submittedAt(id, lines).isPresent()));
        all.accept(rows.submittedAt(id, lines).orElseThrow());
      }
      return all;
    }
  }
}
