package dev.sluice.deploy.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopTest {
  private static final String BEFORE =
      """
      # HELP sluice_router_jobs_admitted_total jobs admitted
      sluice_router_jobs_admitted_total 100.0
      sluice_router_jobs_ended_total 90.0
      sluice_worker_outcomes_total{called="true",cause="none",pool="gpu"} 80.0
      sluice_worker_outcomes_total{called="true",cause="down",pool="gpu"} 10.0
      sluice_metering_charged_usd_total 1.0
      """;
  private static final String ROUTER =
      """
      sluice_router_jobs_admitted_total 120.0
      sluice_router_jobs_ended_total 100.0
      sluice_router_waiting{class="batch",pool="gpu"} 1204.0
      sluice_router_waiting_oldest_seconds{class="batch",pool="gpu"} 305.0
      sluice_router_waiting{class="interactive",pool="gpu"} 0.0
      sluice_policy_version 3.0
      sluice_kafka_records_lag_max{client="worker"} NaN
      """;
  private static final String WORKER =
      """
      sluice_worker_slots{pool="gpu"} 32.0
      sluice_worker_slots_used{pool="gpu"} 16.0
      sluice_worker_outcomes_total{called="true",cause="none",pool="gpu"} 87.0
      sluice_worker_outcomes_total{called="true",cause="down",pool="gpu"} 13.0
      sluice_worker_outcomes_total{called="false",cause="expired",pool="gpu"} 5.0
      sluice_worker_tokens_total{kind="input",pool="gpu"} 3000.0
      sluice_worker_tokens_total{kind="reasoning",pool="gpu"} 20.0
      sluice_worker_time_to_first_token_seconds_sum{pool="gpu"} 4.2
      sluice_worker_time_to_first_token_seconds_count{pool="gpu"} 20
      sluice_metering_charged_usd_total 1.02
      sluice_policy_version 3.0
      """;

  @Test
  void addsProcessesUpAndTurnsTotalsIntoRates() {
    Reading reading = reading(2);

    assertEquals(10, reading.admittedPerSecond());
    assertEquals(5, reading.endedPerSecond());
    assertEquals(1_500, reading.inputTokensPerSecond());
    assertEquals(10, reading.outputTokensPerSecond());
    assertEquals(0.6, reading.chargedUsdPerMinute(), 1e-9);
    assertEquals(1_204, reading.waiting());
    Reading.Pool pool = reading.pools().getFirst();
    assertEquals(32, pool.slots());
    assertEquals(5, pool.callsPerSecond());
    assertEquals(0.3, pool.faultShare(), 1e-9);
    assertEquals(0.21, pool.firstTokenSeconds(), 1e-9);
  }

  @Test
  void aProcessThatBeganAnewHasNoNegativeRate() {
    Snapshot large = Snapshot.of(Samples.parse(WORKER));

    Reading reading = Reading.between(large, Snapshot.of(Samples.parse("")), 1);

    assertEquals(0, reading.inputTokensPerSecond());
  }

  @Test
  void fitsEightyColumnsOfPlainText() {
    List<String> lines = Screen.lines("sluice top   12:00:00", reading(2), List.of());

    assertEquals(
        List.of(
            "sluice top   12:00:00   policy 3",
            "",
            "jobs                         10.0/s in          5.0/s done       0.0/s retried",
            "tokens                       1.5k/s in          10.0/s out",
            "cost                $0.6000/min charged    $0.0000/min owed",
            "",
            "WAITING, OLDEST            interactive            standard               batch",
            "gpu                                  -                   -         1.2k  5 min",
            "",
            "POOL                IN FLIGHT               OF SLOTS  CALLS/S  ERRORS 1ST TOKEN",
            "gpu                 [##########..........]     16/32      5.0   30.0%    0.21 s"),
        lines);
    assertTrue(lines.stream().allMatch(line -> line.length() <= Screen.WIDTH));
  }

  @ParameterizedTest
  @CsvSource({"0,1,0,provider down", "8,1,0,down for some workers", "1,0,12.4,paused 12 s"})
  void aPoolThatIsNotCalledSaysWhy(double slots, int down, double paused, String expected) {
    String metrics =
        """
        sluice_worker_slots{pool="gpu"} %s
        sluice_worker_breaker_open{pool="gpu"} %d
        sluice_worker_paused_seconds{pool="gpu"} %s
        """
            .formatted(slots, down, paused);
    Snapshot now = Snapshot.of(Samples.parse(metrics));

    String line = Screen.lines("top", Reading.between(now, now, 1), List.of()).getLast();

    assertTrue(line.startsWith("gpu                 " + expected + "  "), line);
  }

  @ParameterizedTest
  @CsvSource({
    "0,....................",
    "0.1,#...................",
    "31.9,###################.",
    "32,####################",
    "40,####################"
  })
  void aBarShowsAnyUseAndIsFullOnlyWhenAllIsUsed(double part, String expected) {
    assertEquals("[" + expected + "]", Screen.bar(part, 32));
  }

  @ParameterizedTest
  @CsvSource({"0,0", "999,999", "1000,1.0k", "12345,12k", "999600,1.0M", "34567890,35M"})
  void countsAreShort(double value, String expected) {
    assertEquals(expected, Screen.count(value));
  }

  @ParameterizedTest
  @CsvSource({"0.214,0.21 s", "12.4,12 s", "305,5 min", "12000,3 h 20 min", "200000,2 d"})
  void agesHaveTheUnitThatFits(double seconds, String expected) {
    assertEquals(expected, Screen.age(seconds));
  }

  private static Reading reading(double seconds) {
    return Reading.between(
        Snapshot.of(Samples.parse(BEFORE)),
        Snapshot.of(Samples.together(List.of(Samples.parse(ROUTER), Samples.parse(WORKER)))),
        seconds);
  }
}
