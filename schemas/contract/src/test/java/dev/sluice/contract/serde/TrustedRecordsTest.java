package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import java.util.logging.Logger;
import org.apache.avro.util.ClassSecurityValidator;
import org.junit.jupiter.api.Test;

class TrustedRecordsTest {

  @Test
  void letsDefaultsOfOurEnumsBeFilledInWithoutAnySetup() {
    assertEquals(BeatKind.UNKNOWN, Beat.newBuilder().setProcess("p").build().getKind());
  }

  @Test
  void trustsNothingElse() {
    Beat.newBuilder();

    assertThrows(SecurityException.class, () -> ClassSecurityValidator.validate(Logger.class));
  }
}
