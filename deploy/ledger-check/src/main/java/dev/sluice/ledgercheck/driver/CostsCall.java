package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.JobBody;
import dev.sluice.ledgercheck.client.SluiceHttp;
import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.CostEntry;
import dev.sluice.ledgercheck.core.Totals;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `GET /v1/costs`: the aggregates, which must come to what the rows come to.
final class CostsCall {
  private final SluiceHttp http;

  CostsCall(SluiceHttp http) {
    this.http = http;
  }

  /// All of the tenants' money; empty when a call is not answered.
  Optional<Totals> totals() throws InterruptedException {
    long charged = 0;
    long owed = 0;
    for (Account account : Account.values()) {
      SluiceHttp.Reply reply = http.get(account, "/v1/costs");
      if (reply.status() != 200) {
        return Optional.empty();
      }
      for (JsonNode line : JobBody.parse(reply.body()).orElseThrow().path("data")) {
        charged += JobBody.pico(line.path("charged_usd")).orElse(0L);
        owed += JobBody.pico(line.path("owed_usd")).orElse(0L);
      }
    }
    return Optional.of(new Totals(charged, owed));
  }

  boolean agrees(List<CostEntry> rows) throws InterruptedException {
    return totals().equals(Optional.of(Totals.of(rows)));
  }
}
