package dev.sluice.ledgercheck.core;

import static dev.sluice.ledgercheck.core.Records.with;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Changes recorded ledgers the way a defect would have.
final class Edit {
  private Edit() {}

  static Ledgers posts(Ledgers l, UnaryOperator<List<Post>> edit) {
    return with(l, "posts", edit.apply(new ArrayList<>(l.posts())));
  }

  static Ledgers answers(Ledgers l, UnaryOperator<List<Answer>> edit) {
    return with(l, "answers", edit.apply(new ArrayList<>(l.answers())));
  }

  static Ledgers calls(Ledgers l, UnaryOperator<List<Call>> edit) {
    return with(l, "calls", edit.apply(new ArrayList<>(l.calls())));
  }

  static Ledgers readings(Ledgers l, UnaryOperator<List<Reading>> edit) {
    return with(l, "readings", edit.apply(new ArrayList<>(l.readings())));
  }

  /// The totals of the costs call stay, so that a test of rows must not rest on them alone.
  static Ledgers costs(Ledgers l, UnaryOperator<List<CostEntry>> edit) {
    return with(l, "costs", edit.apply(new ArrayList<>(l.costs())));
  }

  static Ledgers quotas(Ledgers l, UnaryOperator<List<QuotaReading>> edit) {
    return with(l, "quotas", edit.apply(new ArrayList<>(l.quotas())));
  }

  /// Replaces the first that matches.
  static <T> UnaryOperator<List<T>> first(Predicate<T> which, UnaryOperator<T> change) {
    return list -> {
      int at = indexOf(list, which);
      list.set(at, change.apply(list.get(at)));
      return list;
    };
  }

  /// Replaces all that match.
  static <T> UnaryOperator<List<T>> every(Predicate<T> which, UnaryOperator<T> change) {
    return list -> {
      indexOf(list, which);
      list.replaceAll(each -> which.test(each) ? change.apply(each) : each);
      return list;
    };
  }

  static <T> UnaryOperator<List<T>> without(Predicate<T> which) {
    return list -> {
      indexOf(list, which);
      list.removeIf(which);
      return list;
    };
  }

  static <T> UnaryOperator<List<T>> withCopy(Predicate<T> which, UnaryOperator<T> change) {
    return list -> {
      list.add(change.apply(list.get(indexOf(list, which))));
      return list;
    };
  }

  private static <T> int indexOf(List<T> list, Predicate<T> which) {
    for (int i = 0; i < list.size(); i++) {
      if (which.test(list.get(i))) {
        return i;
      }
    }
    throw new IllegalArgumentException("the recorded ledgers hold nothing to change");
  }
}
