package dev.sluice.metering.core;

import java.util.LinkedHashSet;
import java.util.Set;

/// What of a job has been counted: the memory by which a repeat is known.
///
/// @param attempts entry ids of the calls counted
public record CountedJob(boolean charged, Set<String> attempts) {
  public static final CountedJob NOTHING = new CountedJob(false, Set.of());

  public CountedJob {
    attempts = Set.copyOf(attempts);
  }

  CountedJob withAttempt(String entryId) {
    Set<String> more = new LinkedHashSet<>(attempts);
    more.add(entryId);
    return new CountedJob(charged, more);
  }

  CountedJob withCharge() {
    return new CountedJob(true, attempts);
  }
}
