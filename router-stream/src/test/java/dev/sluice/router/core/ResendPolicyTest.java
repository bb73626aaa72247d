package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.router.core.Notice.VerdictKind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResendPolicyTest {
  private static final Job RUNNING = Jobs.running(Jobs.waiting(1), 7);
  private static final Job CANCELLED = Jobs.after(RUNNING, new JobCommand.Cancel("caller"));

  private static List<Notice> afterCommit(Job job) {
    return ResendPolicy.decide(job, new Jobs.Commits(_ -> true, true));
  }

  private static List<Notice> afterCommitOfInputs(Job job) {
    return ResendPolicy.decide(job, new Jobs.Commits(_ -> true, false));
  }

  private static Notice verdict(VerdictKind kind) {
    return new Notice.Verdict("w", 0, 1, 7, 0, kind);
  }

  @Test
  void anAdmissionIsSentAgainUnlessACommitCoveredItsSubmission() {
    assertEquals(
        List.of(new Notice.Admitted()),
        ResendPolicy.decide(Jobs.waiting(1), new Jobs.Commits(_ -> false, false)));
    assertEquals(List.of(), afterCommit(Jobs.waiting(1)));
  }

  @Test
  void theHolderOfARunningJobIsToldToRunAgain() {
    assertEquals(List.of(new Notice.State(), verdict(VerdictKind.RUN)), afterCommit(RUNNING));
  }

  @Test
  void theWorkerThatAJobWasTakenFromIsToldToStopAgain() {
    assertEquals(List.of(new Notice.Result(), verdict(VerdictKind.CANCEL)), afterCommit(CANCELLED));
  }

  @Test
  void nothingIsSaidToAWorkerThatHasReportedTheCallItWasToldToStop() {
    Job reported = Jobs.after(CANCELLED, Jobs.success(1, 7, 30));

    assertEquals(List.of(new Notice.Result()), afterCommit(reported));
  }

  @Test
  void theEstimateOfACallWhoseWorkerWasLostAfterTheEndIsSentAgain() {
    Job lost = Jobs.after(CANCELLED, new JobCommand.WorkerLost(Optional.empty()));

    List<Notice> again = afterCommit(lost);

    assertEquals(new Notice.Result(), again.getFirst());
    var settlement = assertInstanceOf(Notice.LostSettlement.class, again.getLast());
    assertEquals(7, settlement.attempt().claimId());
  }

  @Test
  void whyAJobWaitsIsToldAgainUnlessACommitCoveredItsLastRecord() {
    Job held =
        Jobs.after(
            Jobs.waiting(1), new JobCommand.Hold(Optional.of(Phase.Hold.provider(List.of()))));
    Job retrying = Jobs.after(RUNNING, Jobs.failure(1, 7, 30, FailureCause.DOWN));

    for (Job job : List.of(held, retrying)) {
      assertEquals(List.of(new Notice.State()), afterCommitOfInputs(job));
      assertEquals(List.of(), afterCommit(job));
    }
    assertEquals(List.of(), afterCommitOfInputs(Jobs.waiting(1)));
  }

  @Test
  void theSettlementOfARetriedAttemptIsSentAgainUntilItsOutcomeIsCommitted() {
    Job retrying = Jobs.after(RUNNING, Jobs.failure(1, 7, 30, FailureCause.DOWN));
    Notice settlement = new Notice.Settlement(new LogPosition("sluice.commands", 0, 30), false);

    assertEquals(
        List.of(settlement),
        ResendPolicy.decide(
            retrying, new Jobs.Commits(at -> !at.topic().equals("sluice.commands"), true)));
    assertEquals(List.of(), afterCommit(retrying));
  }
}
