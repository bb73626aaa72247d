package dev.sluice.ingress.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.Fanout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OccasionsTest {
  private static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");

  private static BudgetAlert alert() {
    return BudgetAlert.newBuilder()
        .setAlertId("acme|usd/month@UTC|2026-11-01T00:00:00Z|0.8")
        .setTenant("acme")
        .setLimit("usd/month@UTC")
        .setUnit("usd")
        .setFraction("0.8")
        .setUsed("80.25")
        .setAmount("100")
        .setPeriodStart(Instant.parse("2026-11-01T00:00:00Z"))
        .setPeriodEnd(Instant.parse("2026-12-01T00:00:00Z"))
        .setPolicyVersion(1)
        .setAt(AT)
        .build();
  }

  @Test
  void anAlertThatIsReadTwiceIsOneEvent() {
    BudgetAlert later = alert();
    later.setAt(AT.plusSeconds(5));

    assertEquals(
        Occasions.of(alert()).map(Event::id).orElseThrow(),
        Occasions.of(later).map(Event::id).orElseThrow());
  }

  @Test
  void whatIsSentSaysWhichBudgetAndHowMuchOfIt() {
    Event event = Occasions.of(alert()).orElseThrow();
    Delivery sent = Delivery.of(event, new Fanout.Target("whe_1", event.type()), AT);
    Delivery read = CallbackCodec.delivery(CallbackCodec.record(sent));

    assertEquals(
        "{\"id\":\""
            + event.id()
            + "\",\"object\":\"event\",\"type\":\"budget.alert\",\"created_at\":1795248000,"
            + "\"data\":{\"id\":\"acme|usd/month@UTC|2026-11-01T00:00:00Z|0.8\","
            + "\"object\":\"budget_alert\",\"quota\":\"usd/month@UTC\",\"unit\":\"usd\","
            + "\"fraction\":\"0.8\",\"used\":\"80.25\",\"limit\":\"100\","
            + "\"period_start\":\"2026-11-01T00:00:00Z\",\"period_end\":\"2026-12-01T00:00:00Z\"}}",
        new String(Envelope.of(read), StandardCharsets.UTF_8));
  }
}
