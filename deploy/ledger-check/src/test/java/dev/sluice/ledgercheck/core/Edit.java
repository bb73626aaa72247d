package dev.sluice.ledgercheck.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Changes recorded ledgers the way a defect would have.
final class Edit {
  private Edit() {}

  static Ledgers posts(Ledgers l, UnaryOperator<List<Post>> edit) {
    return with(
        l,
        edit.apply(new ArrayList<>(l.posts())),
        l.answers(),
        l.cancels(),
        l.calls(),
        l.readings(),
        l.costs());
  }

  static Ledgers answers(Ledgers l, UnaryOperator<List<Answer>> edit) {
    return with(
        l,
        l.posts(),
        edit.apply(new ArrayList<>(l.answers())),
        l.cancels(),
        l.calls(),
        l.readings(),
        l.costs());
  }

  static Ledgers cancels(Ledgers l, UnaryOperator<List<CancelAnswer>> edit) {
    return with(
        l,
        l.posts(),
        l.answers(),
        edit.apply(new ArrayList<>(l.cancels())),
        l.calls(),
        l.readings(),
        l.costs());
  }

  static Ledgers calls(Ledgers l, UnaryOperator<List<Call>> edit) {
    return with(
        l,
        l.posts(),
        l.answers(),
        l.cancels(),
        edit.apply(new ArrayList<>(l.calls())),
        l.readings(),
        l.costs());
  }

  static Ledgers readings(Ledgers l, UnaryOperator<List<Reading>> edit) {
    return with(
        l,
        l.posts(),
        l.answers(),
        l.cancels(),
        l.calls(),
        edit.apply(new ArrayList<>(l.readings())),
        l.costs());
  }

  /// The totals of the costs call stay, so that a test of rows must not rest on them alone.
  static Ledgers costs(Ledgers l, UnaryOperator<List<CostEntry>> edit) {
    return with(
        l,
        l.posts(),
        l.answers(),
        l.cancels(),
        l.calls(),
        l.readings(),
        edit.apply(new ArrayList<>(l.costs())));
  }

  static Ledgers quotas(Ledgers l, UnaryOperator<List<QuotaReading>> edit) {
    return new Ledgers(
        l.seed(),
        l.maxAttempts(),
        l.providerKey(),
        l.prices(),
        l.limits(),
        l.posts(),
        l.answers(),
        l.cancels(),
        l.calls(),
        l.readings(),
        l.costs(),
        l.disturbances(),
        edit.apply(new ArrayList<>(l.quotas())),
        l.totals());
  }

  /// The same under other limits.
  static Ledgers limits(Ledgers l, UnaryOperator<List<Limit>> edit) {
    return new Ledgers(
        l.seed(),
        l.maxAttempts(),
        l.providerKey(),
        l.prices(),
        edit.apply(new ArrayList<>(l.limits())),
        l.posts(),
        l.answers(),
        l.cancels(),
        l.calls(),
        l.readings(),
        l.costs(),
        l.disturbances(),
        l.quotas(),
        l.totals());
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

  private static Ledgers with(
      Ledgers l,
      List<Post> posts,
      List<Answer> answers,
      List<CancelAnswer> cancels,
      List<Call> calls,
      List<Reading> readings,
      List<CostEntry> costs) {
    return new Ledgers(
        l.seed(),
        l.maxAttempts(),
        l.providerKey(),
        l.prices(),
        l.limits(),
        posts,
        answers,
        cancels,
        calls,
        readings,
        costs,
        l.disturbances(),
        l.quotas(),
        l.totals());
  }
}
