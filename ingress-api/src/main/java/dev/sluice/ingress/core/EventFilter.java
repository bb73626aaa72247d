package dev.sluice.ingress.core;

/// Which of a job's events a watcher sees, and under which number. The log may hold an event twice
/// and may hold deltas of claims that lost; every ingress must number what remains the same way, so
/// the rule depends on nothing but the order of the events partition:
///
/// - a state is shown if its transition is later than the last one shown;
/// - a delta is shown if its claim is the live one, and only from the first part not yet shown;
/// - the first claim with a delta is live until a RUNNING state names another of the same or a
///   later attempt, or a delta of a later attempt comes;
/// - nothing is shown after a terminal state.
///
/// Numbers start at 1; a batch of n parts takes n of them, and the notice that another claim's
/// parts begin takes one.
public final class EventFilter {

  private EventFilter() {}

  /// What the rule remembers of a job.
  ///
  /// @param ordinal number of the last event shown
  /// @param transition last transition shown
  /// @param live claim whose deltas are shown
  /// @param shown claim whose parts were shown last; [Claim#NONE] before the first part
  /// @param nextPart first part of the live claim not yet shown
  /// @param ended whether a terminal state was shown
  public record State(
      int ordinal, int transition, Claim live, Claim shown, int nextPart, boolean ended) {
    public static final State START = new State(0, 0, Claim.NONE, Claim.NONE, 0, false);
  }

  /// One worker's hold on one attempt.
  public record Claim(int attempt, long claimId) {
    public static final Claim NONE = new Claim(0, 0);
  }

  /// What the log holds.
  public sealed interface Event {
    /// @param claim [Claim#NONE] unless running
    record StateChange(int transition, Status status, Claim claim) implements Event {}

    /// @param part number of the first part
    record Delta(Claim claim, int part, int parts) implements Event {}
  }

  /// What a watcher sees of it.
  public sealed interface Shown {
    record Nothing() implements Shown {}

    record StateChange(int ordinal) implements Shown {}

    /// @param ordinal of the first part that is shown
    /// @param skip parts at the start of the record that are not shown
    /// @param restarted whether these are another claim's parts than those before; that notice then
    ///   has the number before `ordinal`
    record Parts(int ordinal, int skip, int parts, boolean restarted) implements Shown {}
  }

  /// @param state what to remember from now on
  public record Step(State state, Shown shown) {}

  private static final Shown NOTHING = new Shown.Nothing();

  public static Step next(State state, Event event) {
    if (state.ended()) {
      return new Step(state, NOTHING);
    }
    return switch (event) {
      case Event.StateChange change -> afterChange(state, change);
      case Event.Delta delta -> afterDelta(state, delta);
    };
  }

  private static Step afterChange(State state, Event.StateChange change) {
    if (change.transition() <= state.transition()) {
      return new Step(state, NOTHING);
    }
    boolean another =
        change.status() == Status.RUNNING
            && change.claim().claimId() != 0
            && !change.claim().equals(state.live())
            && change.claim().attempt() >= state.live().attempt();
    State next =
        new State(
            state.ordinal() + 1,
            change.transition(),
            another ? change.claim() : state.live(),
            state.shown(),
            another ? 0 : state.nextPart(),
            change.status().terminal());
    return new Step(next, new Shown.StateChange(next.ordinal()));
  }

  private static Step afterDelta(State state, Event.Delta delta) {
    boolean continued = delta.claim().equals(state.live());
    if (!continued && delta.claim().attempt() <= state.live().attempt()) {
      return new Step(state, NOTHING);
    }
    int nextPart = continued ? state.nextPart() : 0;
    int skip = Math.max(0, nextPart - delta.part());
    int parts = delta.parts() - skip;
    if (parts <= 0) {
      return new Step(state, NOTHING);
    }
    boolean restarted = !state.shown().equals(Claim.NONE) && !state.shown().equals(delta.claim());
    int first = state.ordinal() + (restarted ? 2 : 1);
    State next =
        new State(
            first + parts - 1,
            state.transition(),
            delta.claim(),
            delta.claim(),
            delta.part() + delta.parts(),
            false);
    return new Step(next, new Shown.Parts(first, skip, parts, restarted));
  }
}
