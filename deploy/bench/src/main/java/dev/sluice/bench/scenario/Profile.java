package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/// Where processor time goes under a steady load: samples of the flight recorder, by thread, by
/// method and by the deepest method of ours.
public final class Profile implements Scenario {
  private static final int SHOWN = 25;

  @Override
  public String question() {
    return "Where CPU goes at the highest rate asked for, mock of 0 ms: samples of JDK Flight"
        + " Recorder, share of all samples of running Java code in Sluice with its broker.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    int rate = bench.options().rates().getLast();
    Path file = bench.options().work().resolve("profile.jfr").toAbsolutePath();
    try (SluiceProcess sluice = bench.start()) {
      Target target = Bench.chat(sluice.http(), false);
      bench.warmUp(target);
      jcmd(sluice.pid(), "JFR.start", "name=bench", "settings=profile");
      LoadResult load =
          OpenLoop.run(target, new Schedule(rate, bench.options().measured()), rate / 8);
      jcmd(sluice.pid(), "JFR.dump", "name=bench", "filename=" + file);
      findings.require(load.errors() == 0);
    }
    Map<String, Integer> threads = new HashMap<>();
    Map<String, Integer> methods = new HashMap<>();
    Map<String, Integer> ours = new HashMap<>();
    int samples = count(file, threads, methods, ours);
    shares(findings, "thread", threads, samples);
    shares(findings, "method", methods, samples);
    shares(findings, "deepest of ours", ours, samples);
    findings.headline(samples + " samples at " + rate + "/s");
    return findings;
  }

  private static int count(
      Path file,
      Map<String, Integer> threads,
      Map<String, Integer> methods,
      Map<String, Integer> ours)
      throws IOException {
    int samples = 0;
    try (RecordingFile recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        RecordedEvent event = recording.readEvent();
        if (!event.getEventType().getName().equals("jdk.ExecutionSample")
            || event.getStackTrace() == null
            || event.getStackTrace().getFrames().isEmpty()) {
          continue;
        }
        samples++;
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        String thread = String.valueOf(event.getThread("sampledThread").getJavaName());
        threads.merge(thread.replaceAll("\\d+", "N"), 1, Integer::sum);
        methods.merge(name(frames.getFirst()), 1, Integer::sum);
        frames.stream()
            .map(Profile::name)
            .filter(name -> name.startsWith("dev.sluice."))
            .findFirst()
            .ifPresent(name -> ours.merge(name, 1, Integer::sum));
      }
    }
    return samples;
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static void shares(
      Findings findings, String kind, Map<String, Integer> counts, int samples) {
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(SHOWN)
        .forEach(entry ->
            findings.row(
                new Row()
                    .with("by", kind)
                    .with("name", "`" + entry.getKey() + "`")
                    .with("share %", 100.0 * entry.getValue() / samples)));
  }

  private static void jcmd(long pid, String... arguments) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    ProcessBuilder builder = new ProcessBuilder(jcmd, Long.toString(pid));
    builder.command().addAll(List.of(arguments));
    Process process =
        builder
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("jcmd " + String.join(" ", arguments) + " failed");
    }
  }
}
