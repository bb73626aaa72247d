package dev.sluice.ledgercheck.ledger;

import dev.sluice.ledgercheck.core.Answer;
import dev.sluice.ledgercheck.core.Call;
import dev.sluice.ledgercheck.core.CancelAnswer;
import dev.sluice.ledgercheck.core.CostEntry;
import dev.sluice.ledgercheck.core.Disturbance;
import dev.sluice.ledgercheck.core.Ledgers;
import dev.sluice.ledgercheck.core.Limit;
import dev.sluice.ledgercheck.core.Post;
import dev.sluice.ledgercheck.core.PriceTable;
import dev.sluice.ledgercheck.core.QuotaReading;
import dev.sluice.ledgercheck.core.Reading;
import dev.sluice.ledgercheck.core.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Where one campaign's ledgers lie, a file each, so that a verdict can be reached again later.
public record LedgerFolder(Path folder) {
  private static final JsonMapper JSON = new JsonMapper();

  /// What the campaign was: not a ledger, but needed to judge them.
  ///
  /// @param totals as shown by the costs call at the end
  public record Campaign(
      long seed,
      int maxAttempts,
      String providerKey,
      List<Limit> limits,
      Optional<Totals> totals) {}

  /// How a call ended: written apart from its beginning, which is on file before the answer.
  public record CallEnd(String id, Call.Ended ended) {}

  public Path posts() {
    return folder.resolve("posts.jsonl");
  }

  public Path answers() {
    return folder.resolve("answers.jsonl");
  }

  public Path cancels() {
    return folder.resolve("cancels.jsonl");
  }

  public Path calls() {
    return folder.resolve("calls.jsonl");
  }

  public Path callEnds() {
    return folder.resolve("call-ends.jsonl");
  }

  public Path readings() {
    return folder.resolve("readings.jsonl");
  }

  public Path costs() {
    return folder.resolve("costs.jsonl");
  }

  public Path quotas() {
    return folder.resolve("quotas.jsonl");
  }

  public Path disturbances() {
    return folder.resolve("disturbances.jsonl");
  }

  /// Written last: a folder that has it is complete.
  public void writeCampaign(Campaign campaign) throws IOException {
    Files.writeString(folder.resolve("campaign.json"), JSON.writeValueAsString(campaign));
  }

  public Ledgers read() throws IOException {
    Campaign campaign =
        JSON.readValue(Files.readString(folder.resolve("campaign.json")), Campaign.class);
    return new Ledgers(
        campaign.seed(),
        campaign.maxAttempts(),
        campaign.providerKey(),
        PriceTable.OF_THE_CHECK,
        campaign.limits(),
        lines(posts(), Post.class),
        lines(answers(), Answer.class),
        lines(cancels(), CancelAnswer.class),
        wholeCalls(),
        lines(readings(), Reading.class),
        lines(costs(), CostEntry.class),
        lines(disturbances(), Disturbance.class),
        lines(quotas(), QuotaReading.class),
        campaign.totals());
  }

  private List<Call> wholeCalls() throws IOException {
    Map<String, Call.Ended> ends = new HashMap<>();
    lines(callEnds(), CallEnd.class).forEach(end -> ends.put(end.id(), end.ended()));
    List<Call> calls = new ArrayList<>();
    for (Call begun : lines(calls(), Call.class)) {
      calls.add(begun.withEnd(ends.getOrDefault(begun.id(), Call.Ended.NEVER)));
    }
    return calls;
  }

  /// The lines of a ledger; none when the file was never begun.
  public static <T> List<T> lines(Path file, Class<T> type) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines.map(line -> JSON.readValue(line, type)).toList();
    }
  }
}
