package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.ingress.core.KeyHolders.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyHoldersTest {
  private static final Instant T = Instant.parse("2026-11-28T12:00:00Z");

  private final KeyHolders<String> holders = new KeyHolders<>();

  private void read(String name, Instant at) {
    holders.put("key", new Call<>(name, at, at.plus(Duration.ofHours(24)), "made by " + name));
  }

  private Optional<String> holder(Instant at) {
    return holders.holder("key", at).map(Call::name);
  }

  @Test
  void theFirstInTheLogHoldsAKeyWhateverTheClocksSay() {
    read("first", T);
    read("earlier by its clock", T.minusSeconds(5));
    read("later", T.plusSeconds(5));

    assertEquals(Optional.of("first"), holder(T.plusSeconds(60)));
    assertEquals(Optional.empty(), holders.holder("other", T));
  }

  @Test
  void aKeyIsFreeWhenItsTimeIsOverAndThenTheNextHoldsIt() {
    Instant nextDay = T.plus(Duration.ofHours(24));
    read("first", T);
    read("repeat", T.plusSeconds(1));

    assertEquals(Optional.empty(), holder(nextDay));
    read("next", nextDay);

    assertEquals(Optional.of("next"), holder(nextDay));
  }

  @Test
  void whatIsRemovedHoldsNothing() {
    read("first", T);
    read("second", T.plusSeconds(1));

    holders.remove("key", "first");
    assertEquals(Optional.of("second"), holder(T.plusSeconds(2)));
    holders.remove("key", "second");
    holders.remove("key", "never there");

    assertEquals(Optional.empty(), holder(T.plusSeconds(2)));
    assertEquals(0, holders.size());
    assertEquals(List.of(), holders.where(_ -> true));
  }
}
