package dev.sluice.router.topology;

import dev.sluice.router.core.Job;
import dev.sluice.router.core.RouteCondition;
import dev.sluice.router.core.RouteFacts;
import dev.sluice.runtime.condition.Condition;
import dev.sluice.runtime.condition.ConditionOutcome;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A condition of a plan, asked about a job.
public final class CelCondition implements RouteCondition {
  private static final Optional<String> FALSE = Optional.of("its condition is false");

  private final Condition condition;

  private CelCondition(Condition condition) {
    this.condition = condition;
  }

  /// The condition of a text. The configuration check lets none pass that does not compile; one
  /// that a later version wrote does not hold.
  public static RouteCondition of(String text) {
    return switch (Condition.compile(text)) {
      case ConditionOutcome.Compiled(Condition compiled) -> new CelCondition(compiled);
      case ConditionOutcome.Refused(var flaws) ->
          new Unusable("its condition does not compile, " + flaws.getFirst());
    };
  }

  @Override
  public Optional<String> unmet(Job job, Instant now) {
    Condition.Answer answer = condition.ask(name -> value(name, job, now));
    if (answer.holds()) {
      return Optional.empty();
    }
    return answer.error().map(error -> "its condition failed: " + error).or(() -> FALSE);
  }

  @Override
  public boolean timed() {
    return condition.timed();
  }

  private static Object value(String name, Job job, Instant now) {
    Optional<RouteFacts> facts = job.facts();
    return switch (name) {
      case "model" -> job.model();
      case "tenant" -> job.tenant();
      case "priority" -> job.priority().key();
      case "session" -> job.session().orElse("");
      case "stream" -> job.delivery().stream();
      case "estimated_tokens" -> job.estimatedTokens();
      case "endpoint" -> facts.map(RouteFacts::endpoint).orElse("");
      case "input_tokens" -> facts.map(RouteFacts::inputTokens).orElse(0L);
      case "tags" -> facts.map(RouteFacts::tags).orElse(Map.of());
      case "headers" -> facts.map(RouteFacts::headers).orElse(Map.of());
      case "now" -> now;
      default -> throw new IllegalStateException("a condition knows no " + name);
    };
  }

  private record Unusable(String why) implements RouteCondition {
    @Override
    public Optional<String> unmet(Job job, Instant now) {
      return Optional.of(why);
    }

    @Override
    public boolean timed() {
      return false;
    }
  }
}
