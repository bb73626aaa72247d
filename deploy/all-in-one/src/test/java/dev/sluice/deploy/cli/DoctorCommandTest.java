package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  @Test
  void saysWhichServicesAreNotReadyAndWhy() {
    String body =
        """
        {"status":"waiting","waiting_for":["router","worker"],
         "reasons":{"router":"waits for a policy","worker":"pool main has no work assigned"}}\
        """;

    assertEquals(
        "router (waits for a policy), worker (pool main has no work assigned)",
        DoctorCommand.reasons(body));
  }

  @Test
  void showsAnAnswerThatItDoesNotUnderstandAsItIs() {
    assertEquals("Bad Gateway", DoctorCommand.reasons("Bad Gateway"));
  }
}
