package dev.sluice.router.topology;

import org.jspecify.annotations.Nullable;

/// A record on its way out of the router.
///
/// @param partition explicit partition, or null to hash the key
/// @param patient whether it may wait some milliseconds for company: nobody's answer depends on it,
///   and fewer requests to the broker leave more of it to those that somebody waits for
@SuppressWarnings("ArrayRecordComponent") // never compared; bytes pass through untouched
record Output(String topic, @Nullable Integer partition, byte[] value, boolean patient) {
  Output asPatient() {
    return new Output(topic, partition, value, true);
  }
}
