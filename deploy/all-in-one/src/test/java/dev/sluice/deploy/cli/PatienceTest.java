package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final StringWriter err = new StringWriter();
  private final Patience patience = new Patience(new PrintWriter(err));
  private final CommandFailure away = CommandFailure.passing(ExitCode.ENVIRONMENT, "nobody there");

  @Test
  void saysOnceThatItTriesAgainAndOnceThatItGoesOn() {
    assertEquals(Duration.ofSeconds(1), patience.failed(away, 0));
    assertEquals(Duration.ofSeconds(2), patience.failed(away, 1));
    for (int i = 0; i < 5; i++) {
      var _ = patience.failed(away, i);
    }
    assertEquals(Duration.ofSeconds(15), patience.failed(away, 9));
    patience.answered();
    patience.answered();

    assertEquals(2, err.toString().lines().count(), err.toString());
    assertEquals(Duration.ofSeconds(1), patience.failed(away, 10));
  }

  @Test
  void givesUpInTheEnd() {
    var _ = patience.failed(away, 5);
    var _ = patience.failed(away, 5 + Patience.LIMIT.toNanos());

    CommandFailure last =
        assertThrows(
            CommandFailure.class, () -> patience.failed(away, 6 + Patience.LIMIT.toNanos()));

    assertEquals(ExitCode.ENVIRONMENT, last.code());
    assertTrue(last.getMessage().contains("the same command"), last.getMessage());
  }

  @Test
  void doesNotBearWhatWillNotPass() {
    CommandFailure wrong = new CommandFailure(ExitCode.REFUSED, "wrong key");

    assertSame(wrong, assertThrows(CommandFailure.class, () -> patience.failed(wrong, 0)));
    assertEquals("", err.toString());
  }
}
