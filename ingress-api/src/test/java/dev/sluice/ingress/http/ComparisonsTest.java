package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.LatencySpread;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ComparisonsTest {
  private static final String PATH = "/v1/comparisons";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  @Test
  void sumsHoursAndShowsPrimariesBeforeTheirShadows() throws Exception {
    fixture.compared.add(route("fast", true, "trial", 1, 1));
    fixture.compared.add(route("fast", false, "main", 4, 3));
    fixture.compared.add(route("fast", false, "main", 4, 4));
    fixture.compared.add(route("other", false, "main", 1, 1));

    String body = fixture.get(PATH + "?model=fast").body();

    assertTrue(
        body.contains(
            "{\"model\":\"fast\",\"role\":\"primary\",\"pool\":\"main\","
                + "\"provider_model\":\"x\",\"calls\":8,\"succeeded\":7,\"stopped\":0,"
                + "\"success_rate\":\"0.875\",\"first_token_ms\":null,"
                + "\"total_ms\":{\"mean\":16,\"p50\":16,\"p95\":16,\"count\":7},"
                + "\"tokens\":{\"output\":40},\"owed_usd\":\"0.8\","
                + "\"owed_usd_per_call\":\"0.1\",\"unpriced\":0}"),
        body);
    assertTrue(body.indexOf("\"shadow\"") > body.indexOf("\"primary\""), body);
    assertTrue(!body.contains("other"), body);
  }

  @Test
  void needsTheScopeOfTheOperatorAndAnInstant() throws Exception {
    var reader =
        fixture.request(PATH).setHeader("Authorization", "Bearer " + HttpFixture.READ_ONLY);

    assertEquals(403, fixture.send(reader.build()).statusCode());
    assertEquals(422, fixture.get(PATH + "?from=yesterday").statusCode());
  }

  private static ComparedRoute route(
      String model, boolean shadow, String pool, long calls, long succeeded) {
    return new ComparedRoute(
        Instant.parse("2026-11-21T08:00:00Z"),
        model,
        shadow,
        pool,
        "x",
        calls,
        succeeded,
        0L,
        new LatencySpread(0L, 0L, Map.of()),
        new LatencySpread(succeeded, succeeded * 16, Map.of("16", succeeded)),
        Map.of("output", calls * 5),
        new BigDecimal("0.1").multiply(BigDecimal.valueOf(calls)).setScale(12),
        0L);
  }
}
