package dev.sluice.bench.micro;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// The price of one call with three kinds of tokens.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PriceBookBench {
  private final PriceBook book =
      PriceBook.of(
          new Policy(
              1,
              Map.of(),
              Map.of(),
              Map.of(),
              List.of(
                  new Policy.Price(
                      "v1",
                      "p",
                      "x",
                      MicroJobs.NOW.minus(Duration.ofDays(1)),
                      Map.of(
                          TokenKind.INPUT, new BigDecimal("0.15"),
                          TokenKind.CACHED_INPUT, new BigDecimal("0.075"),
                          TokenKind.OUTPUT, new BigDecimal("0.60"))))));
  private final Map<String, Long> tokens =
      Map.of("input", 812L, "cached_input", 1_024L, "output", 377L);

  @Benchmark
  public Rating rate() {
    return book.rate("p", "x", MicroJobs.NOW, tokens);
  }
}
