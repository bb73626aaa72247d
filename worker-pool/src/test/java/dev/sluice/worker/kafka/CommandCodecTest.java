package dev.sluice.worker.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import dev.sluice.worker.core.AttemptOutcome;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandCodecTest {

  @Test
  void anAnswerGivenWithoutACallHasAResultAndNoUsage() {
    ByteBuffer body = ByteBuffer.wrap(new byte[] {'{', '}'});
    Instant now = Instant.EPOCH;

    var outcome =
        new CommandCodec("w")
            .outcome(
                claimed(),
                new AttemptOutcome.Answered(
                    body, new AttemptOutcome.CallTimes(now, Optional.empty(), now)))
            .getOutcome();

    assertFalse(outcome.getCalled());
    assertEquals(body, outcome.getResult());
    assertNull(outcome.getUsage());
    assertNull(outcome.getError());
  }

  private static ClaimedWork claimed() {
    AttemptContext context =
        AttemptContext.newBuilder()
            .setTenant("t")
            .setPool("p")
            .setModel("m")
            .setProviderModel("m")
            .setPolicyVersion(1)
            .setReplyPartition(0)
            .build();
    Work work =
        Work.newBuilder()
            .setJobId("job_1")
            .setShard("t")
            .setAttempt(1)
            .setRelease(1)
            .setContext(context)
            .setEndpoint("/v1/messages/count_tokens")
            .setDeadline(Instant.EPOCH)
            .setSource(new RecordPosition("sluice.jobs.standard", 0, 0L))
            .build();
    return new ClaimedWork(work, Priority.STANDARD, 1, Instant.EPOCH, Instant.EPOCH, List.of());
  }
}
