package dev.sluice.router.core.limits;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What is known of a tenant's use while its limits are not: from the log, or from its account
/// under an earlier policy. Not safe for several threads.
///
/// @param image of all but single values of tags
/// @param values by the limit's name
/// @param unlogged names among them that the log does not have as they are
record Kept(Image image, Map<String, ValueImage> values, Set<String> unlogged) {

  /// Nothing yet.
  static Kept none(String tenant) {
    return new Kept(Image.none(tenant), new HashMap<>(), new HashSet<>());
  }

  Kept with(Image other) {
    return new Kept(other, values, unlogged);
  }
}
