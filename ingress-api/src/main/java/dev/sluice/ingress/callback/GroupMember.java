package dev.sluice.ingress.callback;

/// A member of a consumer group.
///
/// @param group its id
/// @param instance names this ingress over its restarts, so that it has its share back at once
record GroupMember(String group, String instance) {}
