package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.JobBody;
import dev.sluice.ledgercheck.client.Pause;
import dev.sluice.ledgercheck.client.SluiceHttp;
import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Limit;
import dev.sluice.ledgercheck.core.QuotaReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// `GET /v1/quotas` of every tenant that has limits.
final class QuotasCall {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

  private final SluiceHttp http;

  QuotasCall(SluiceHttp http) {
    this.http = http;
  }

  /// What is said of all limits once nothing is reserved any more; after so long, what is said
  /// then. A call whose worker died is given up only some seconds later.
  List<QuotaReading> atRest(boolean restarted, Duration atMost) throws InterruptedException {
    Instant deadline = Instant.now().plus(atMost);
    List<QuotaReading> readings = read(restarted);
    while (reserved(readings) && Instant.now().isBefore(deadline)) {
      Pause.of(BETWEEN_LOOKS);
      readings = read(restarted);
    }
    return readings;
  }

  private static boolean reserved(List<QuotaReading> readings) {
    return readings.isEmpty() || readings.stream().anyMatch(reading -> reading.reserved() != 0);
  }

  private List<QuotaReading> read(boolean restarted) throws InterruptedException {
    List<QuotaReading> readings = new ArrayList<>();
    for (Account account : Account.values()) {
      SluiceHttp.Reply reply = http.get(account, "/v1/quotas");
      Optional<JsonNode> body = JobBody.parse(reply.body());
      if (reply.status() == 200 && body.isPresent()) {
        for (JsonNode quota : body.get().path("data")) {
          readings.add(reading(account, quota, restarted));
        }
      }
    }
    return readings;
  }

  private static QuotaReading reading(Account account, JsonNode quota, boolean restarted) {
    JsonNode rolling = quota.path("rolling");
    return new QuotaReading(
        account,
        Limit.Unit.valueOf(quota.path("unit").asString("").toUpperCase(Locale.ROOT)),
        rolling.isString() ? Optional.of(Duration.parse(rolling.asString())) : Optional.empty(),
        restarted,
        amount(quota.path("limit")),
        amount(quota.path("used")),
        amount(quota.path("reserved")),
        Instant.now());
  }

  /// Money is text, and counted in pico-USD.
  private static long amount(JsonNode amount) {
    return amount.isString() ? JobBody.pico(amount).orElseThrow() : amount.longValue();
  }
}
