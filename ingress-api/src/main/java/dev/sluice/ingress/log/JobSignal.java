package dev.sluice.ingress.log;

import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import java.nio.ByteBuffer;
import java.util.List;

/// Something a watcher of a job is told.
public sealed interface JobSignal {

  /// The submission is in the log, on all replicas.
  record Published() implements JobSignal {}

  /// The submission could not be written in time; it may be in the log all the same.
  record PublishFailed(String reason) implements JobSignal {}

  /// @param ordinal number of the event
  record StateChanged(int ordinal, JobEvent event) implements JobSignal {}

  /// Parts of the answer.
  ///
  /// @param ordinal of the first part
  /// @param restarted whether another claim's parts begin here
  record Parts(int ordinal, boolean restarted, int attempt, long claimId, List<ByteBuffer> parts)
      implements JobSignal {
    public Parts {
      parts = List.copyOf(parts);
    }

    public int lastOrdinal() {
      return ordinal + parts.size() - 1;
    }
  }

  /// The terminal record. Parts may still be on their way.
  record Finished(JobResult result) implements JobSignal {}

  record Erased() implements JobSignal {}

  /// The watcher's own caller has closed the connection.
  record CallerGone() implements JobSignal {}
}
