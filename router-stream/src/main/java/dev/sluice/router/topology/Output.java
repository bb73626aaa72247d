package dev.sluice.router.topology;

import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// A record on its way out of the router.
///
/// @param partition explicit partition, or null to hash the key
/// @param dated whether it says when its cause was logged
/// @param patient whether it may wait some milliseconds for company: nobody's answer depends on it,
///   and fewer requests to the broker leave more of it to those that somebody waits for
@SuppressWarnings("ArrayRecordComponent") // never compared; bytes pass through untouched
record Output(
    String topic,
    @Nullable Integer partition,
    byte @Nullable [] value,
    boolean dated,
    boolean patient) {
  static <T> Output of(String topic, @Nullable Integer partition, Serde<T> serde, T record) {
    return new Output(topic, partition, serde.serializer().serialize(topic, record), false, false);
  }

  /// Nothing is kept under its key any more.
  static Output removing(String topic) {
    return new Output(topic, null, null, false, false);
  }

  Output asDated() {
    return new Output(topic, partition, value, true, patient);
  }

  Output asPatient() {
    return new Output(topic, partition, value, dated, true);
  }
}
