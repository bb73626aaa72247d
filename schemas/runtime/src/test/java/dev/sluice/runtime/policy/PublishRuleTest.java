package dev.sluice.runtime.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.runtime.policy.PublishRule.Decision;
import dev.sluice.runtime.policy.PublishRule.InForce;
import org.junit.jupiter.api.Test;

class PublishRuleTest {

  @Test
  void publishesTheFirstFile() {
    assertEquals(
        new Decision.Write(1, new PolicyOrigin(false, "A")),
        PublishRule.ofFile(InForce.NOTHING, "A"));
  }

  @Test
  void leavesAnUnchangedFile() {
    assertEquals(
        new Decision.Leave(new PublishOutcome.Unchanged(3)),
        PublishRule.ofFile(new InForce(3, "A", new PolicyOrigin(false, "A")), "A"));
  }

  @Test
  void publishesAChangedFile() {
    assertEquals(
        new Decision.Write(4, new PolicyOrigin(false, "B")),
        PublishRule.ofFile(new InForce(3, "A", new PolicyOrigin(false, "A")), "B"));
  }

  @Test
  void letsApplyWinUntilTheFileChanges() {
    var applied = new InForce(4, "X", new PolicyOrigin(true, "A"));

    assertEquals(
        new Decision.Leave(new PublishOutcome.KeptApplied(4)), PublishRule.ofFile(applied, "A"));
    assertEquals(
        new Decision.Write(5, new PolicyOrigin(false, "B")), PublishRule.ofFile(applied, "B"));
  }

  @Test
  void remembersTheFileBelowApply() {
    assertEquals(
        new Decision.Write(4, new PolicyOrigin(true, "A")),
        PublishRule.ofApply(new InForce(3, "A", new PolicyOrigin(false, "A")), "X"));
    assertEquals(
        new Decision.Write(5, new PolicyOrigin(true, "A")),
        PublishRule.ofApply(new InForce(4, "X", new PolicyOrigin(true, "A")), "Y"));
  }

  @Test
  void appliesNothingThatIsInForce() {
    assertEquals(
        new Decision.Leave(new PublishOutcome.Unchanged(4)),
        PublishRule.ofApply(new InForce(4, "X", new PolicyOrigin(true, "A")), "X"));
  }

  @Test
  void publishesAFileThatApplyBroughtBefore() {
    assertEquals(
        new Decision.Write(2, new PolicyOrigin(false, "A")),
        PublishRule.ofFile(new InForce(1, "A", new PolicyOrigin(true, "")), "A"));
  }

  @Test
  void readsBackItsOwnOriginAndTakesAnyOtherForApply() {
    for (var origin :
        new PolicyOrigin[] {new PolicyOrigin(false, "sha256:1"), new PolicyOrigin(true, "")}) {
      assertEquals(origin, PolicyOrigin.parse(origin.text()));
    }
    assertEquals(new PolicyOrigin(true, ""), PolicyOrigin.parse("a later version's word"));
  }
}
