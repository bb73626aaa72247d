package dev.sluice.bench.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import org.junit.jupiter.api.Test;

class ReadyLineTest {

  @Test
  void saysWhereTheWholeIs() {
    ReadyLine ready =
        ReadyLine.parse(
                "ready http://127.0.0.1:8080 kafka 127.0.0.1:9092 admin http://127.0.0.1:9090")
            .orElseThrow();

    assertEquals(URI.create("http://127.0.0.1:8080"), ready.http());
    assertEquals("127.0.0.1:9092", ready.kafka());
    assertEquals(URI.create("http://127.0.0.1:9090"), ready.admin());
  }

  @Test
  void anIngressOnItsOwnHasNoBroker() {
    ReadyLine ready =
        ReadyLine.parse("ready ingress http://127.0.0.1:8080 admin http://127.0.0.1:9090")
            .orElseThrow();

    assertEquals(URI.create("http://127.0.0.1:8080"), ready.http());
    assertEquals("", ready.kafka());
  }

  @Test
  void aRouterOnItsOwnTakesNoCalls() {
    ReadyLine ready = ReadyLine.parse("ready router admin http://127.0.0.1:9090").orElseThrow();

    assertEquals(URI.create("http://127.0.0.1:9090"), ready.http());
    assertEquals(URI.create("http://127.0.0.1:9090"), ready.admin());
  }

  @Test
  void aBrokerOnItsOwnHasNothingElse() {
    ReadyLine ready = ReadyLine.parse("ready kafka 127.0.0.1:9092").orElseThrow();

    assertEquals("127.0.0.1:9092", ready.kafka());
    assertEquals(URI.create(""), ready.admin());
  }

  @Test
  void aServiceUsesTheBrokerThatItIsTold() {
    ReadyLine ready = ReadyLine.parse("ready router admin http://127.0.0.1:9090").orElseThrow();

    assertEquals("127.0.0.1:9092", ready.on("127.0.0.1:9092").kafka());
  }

  @Test
  void anotherLineIsNone() {
    assertTrue(ReadyLine.parse("not ready").isEmpty());
  }
}
