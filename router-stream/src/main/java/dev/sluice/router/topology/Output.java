package dev.sluice.router.topology;

import org.jspecify.annotations.Nullable;

/// A record on its way out of the router.
///
/// @param partition explicit partition, or null to hash the key
@SuppressWarnings("ArrayRecordComponent") // never compared; bytes pass through untouched
record Output(String topic, @Nullable Integer partition, byte[] value) {}
