package dev.sluice.router.core;

/// Where a record of the log is: how state points at prompts and answers without holding them.
public record LogPosition(String topic, int partition, long offset) {}
