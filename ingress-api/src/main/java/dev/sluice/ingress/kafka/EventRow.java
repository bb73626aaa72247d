package dev.sluice.ingress.kafka;

import java.nio.ByteBuffer;

/// Where an event that watchers were shown is in the log.
///
/// @param ordinal number of the event, or of its first part
/// @param offset in the job's events partition
/// @param skip parts at the start of the record that were not shown
/// @param parts how many were shown; 0 for a state
/// @param restarted whether another claim's parts begin here
record EventRow(int ordinal, long offset, int skip, int parts, boolean restarted) {

  byte[] encode() {
    return ByteBuffer.allocate(17)
        .putLong(offset)
        .putInt(skip)
        .putInt(parts)
        .put((byte) (restarted ? 1 : 0))
        .array();
  }

  static EventRow decode(int ordinal, byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new EventRow(
        ordinal, buffer.getLong(), buffer.getInt(), buffer.getInt(), buffer.get() == 1);
  }

  int lastOrdinal() {
    return parts == 0 ? ordinal : ordinal + parts - 1;
  }
}
