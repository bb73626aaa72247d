package dev.sluice.contract.topic;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Which records wake the router. Its fetch of inputs comes back with [#BYTES] bytes, or after
/// [#LONGEST_WAIT]: a record that somebody waits for is at least so large, and a shorter one, such
/// as the claim of a call, of which nobody needs to hear before the call's outcome, is read with
/// the next of them (ADR 0008).
public final class ReadAtOnce {
  /// Bytes in the log that the router's fetch waits for: more than a claim, less than a submission
  /// or an outcome mostly is.
  public static final int BYTES = 512;

  /// How long a short record may wait to be read.
  public static final Duration LONGEST_WAIT = Duration.ofMillis(100);

  /// Nothing that a compression could make short.
  private static final byte[] FILLER = new byte[BYTES];

  static {
    ThreadLocalRandom.current().nextBytes(FILLER);
  }

  private ReadAtOnce() {}

  /// The same record, with a header that makes it large enough where it is not.
  public static ProducerRecord<byte[], byte[]> of(ProducerRecord<byte[], byte[]> record) {
    int missing = BYTES - length(record.key()) - length(record.value());
    for (Header header : record.headers()) {
      missing -= length(header.value());
    }
    if (missing > 0) {
      record.headers().add(Headers.PADDING, Arrays.copyOf(FILLER, missing));
    }
    return record;
  }

  private static int length(byte @Nullable [] part) {
    return part == null ? 0 : part.length;
  }
}
