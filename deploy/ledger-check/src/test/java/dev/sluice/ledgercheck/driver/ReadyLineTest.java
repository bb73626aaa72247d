package dev.sluice.ledgercheck.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import org.junit.jupiter.api.Test;

/// The ready line as the contract fixes it.
class ReadyLineTest {

  @Test
  void readsAddressesWithAndWithoutTheDemoKey() {
    String line = "ready http://127.0.0.1:8080 kafka 127.0.0.1:9092 admin http://127.0.0.1:9090";

    ReadyLine ready = ReadyLine.parse(line).orElseThrow();

    assertEquals(URI.create("http://127.0.0.1:8080"), ready.http());
    assertEquals("127.0.0.1:9092", ready.kafka());
    assertEquals(URI.create("http://127.0.0.1:9090"), ready.admin());
    assertTrue(ReadyLine.parse(line + " key sk-sluice-demo").isPresent());
  }

  @Test
  void refusesAnyOtherLine() {
    assertTrue(ReadyLine.parse("started").isEmpty());
  }
}
