package dev.sluice.ledgercheck.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Which of several posts of one question made a call: the one whose row has just the counts that
/// only this call has; of calls whose counts nobody saw, one whose row says that it does not know.
///
/// Used by one thread.
final class SharedCalls {
  private final Map<String, List<Post>> postsOfQuestion = new HashMap<>();
  private final Map<String, List<CostEntry>> rowsOfMarker = new HashMap<>();
  private final List<Call> left = new ArrayList<>();

  SharedCalls(Collection<Post> posts, List<CostEntry> costs) {
    for (Post post : posts) {
      postsOfQuestion.computeIfAbsent(post.question(), _ -> new ArrayList<>()).add(post);
    }
    for (CostEntry row : costs) {
      if (row.kind().equals(CostEntry.ATTEMPT)) {
        rowsOfMarker.computeIfAbsent(row.marker(), _ -> new ArrayList<>()).add(row);
      }
    }
  }

  boolean asked(String question) {
    return postsOfQuestion.containsKey(question);
  }

  /// The marker of the post whose row reports the call; a call without one is kept for later.
  Optional<String> takeReported(Call call) {
    for (Post post : posts(call)) {
      List<CostEntry> rows = rowsOfMarker.getOrDefault(post.marker(), List.of());
      for (CostEntry row : rows) {
        if (row.reported() && row.tokens().equals(call.tokens().byKind())) {
          rows.remove(row);
          return Optional.of(post.marker());
        }
      }
    }
    left.add(call);
    return Optional.empty();
  }

  /// Calls that no row reports, each with a post that has a row to spare for it, else with the
  /// first of its question, which then lacks one.
  void forEachOther(BiConsumer<String, Call> each) {
    left.forEach(call -> each.accept(takeUnreported(call), call));
  }

  /// A row is written after its call has begun: one from before tells of another, or of a claim
  /// whose worker was killed before it called.
  private String takeUnreported(Call call) {
    Optional<CostEntry> next =
        posts(call).stream()
            .flatMap(post -> rowsOfMarker.getOrDefault(post.marker(), List.of()).stream())
            .filter(row -> !row.reported() && !row.at().isBefore(call.beganAt()))
            .min(Comparator.comparing(CostEntry::at));
    next.ifPresent(row -> rowsOfMarker.getOrDefault(row.marker(), List.of()).remove(row));
    return next.map(CostEntry::marker).orElse(posts(call).getFirst().marker());
  }

  private List<Post> posts(Call call) {
    return postsOfQuestion.getOrDefault(call.marker(), List.of());
  }
}
