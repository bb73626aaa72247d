package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearMissTest {
  private static final List<String> KNOWN =
      List.of("host", "port", "admin_port", "concurrency", "base_url");

  @ParameterizedTest
  @CsvSource({
    "prot, port",
    "Port, port",
    "adminPort, admin_port",
    "admin-port, admin_port",
    "concurency, concurrency",
    "conccurrency, concurrency",
    "base_uri, base_url"
  })
  void findsWhatWasMeant(String written, String meant) {
    assertEquals(Optional.of(meant), NearMiss.of(written, KNOWN));
  }

  @ParameterizedTest
  @CsvSource({"quotas", "x", "timeouts"})
  void leavesAloneWhatIsCloseToNothing(String written) {
    assertEquals(Optional.empty(), NearMiss.of(written, KNOWN));
  }

  @Test
  void listsWhatThereIsWhenNothingIsClose() {
    assertEquals("pools here: a, b", NearMiss.hint("gpu", List.of("a", "b"), "pools"));
    assertEquals("there are no pools", NearMiss.hint("gpu", List.of(), "pools"));
  }
}
