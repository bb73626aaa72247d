package dev.sluice.runtime.condition;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelMacro;
import dev.cel.parser.CelMacroExprFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelVariableResolver;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A condition on jobs in CEL, compiled. Its cost is bounded: the text is short, nothing in it can
/// loop, and regular expressions are matched in linear time. Safe for use by many threads.
///
/// It knows `model`, `tenant`, `endpoint`, `priority`, `session`, `stream`, `tags`, `headers`,
/// `input_tokens` and `estimated_tokens`, and the time as `hour(zone)` and `weekday(zone)`, Sunday
/// being 0.
public final class Condition {
  /// Longest text of a condition, characters.
  public static final int MAX_LENGTH = 2_000;

  private static final String NOW = "now";

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .enableHeterogeneousNumericComparisons(true)
          .maxExpressionCodePointSize(MAX_LENGTH)
          .maxParseRecursionDepth(64)
          .build();

  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setOptions(OPTIONS)
          // The others loop.
          .setStandardMacros(CelStandardMacro.HAS)
          .addMacros(
              CelMacro.newGlobalMacro(
                  "hour", 1, (factory, _, zone) -> at("getHours", factory, zone)),
              CelMacro.newGlobalMacro(
                  "weekday", 1, (factory, _, zone) -> at("getDayOfWeek", factory, zone)))
          .addVar("model", SimpleType.STRING)
          .addVar("tenant", SimpleType.STRING)
          .addVar("endpoint", SimpleType.STRING)
          .addVar("priority", SimpleType.STRING)
          .addVar("session", SimpleType.STRING)
          .addVar("stream", SimpleType.BOOL)
          .addVar("tags", MapType.create(SimpleType.STRING, SimpleType.STRING))
          .addVar("headers", MapType.create(SimpleType.STRING, SimpleType.STRING))
          .addVar("input_tokens", SimpleType.INT)
          .addVar("estimated_tokens", SimpleType.INT)
          .addVar(NOW, SimpleType.TIMESTAMP)
          .setResultType(SimpleType.BOOL)
          .build();

  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.plannerRuntimeBuilder().setOptions(OPTIONS).build();

  private final CelRuntime.Program program;
  private final boolean timed;

  private Condition(CelRuntime.Program program, boolean timed) {
    this.program = program;
    this.timed = timed;
  }

  /// `hour(zone)` is `now.getHours(zone)`; a zone that is written out is checked at once.
  private static Optional<CelExpr> at(
      String function, CelMacroExprFactory factory, List<CelExpr> arguments) {
    CelExpr zone = arguments.getFirst();
    if (zone.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
        && zone.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
      try {
        ZoneId.of(zone.constant().stringValue());
      } catch (DateTimeException e) {
        return Optional.of(
            factory.reportError(
                CelIssue.formatError(
                    factory.getSourceLocation(zone),
                    "there is no time zone '" + zone.constant().stringValue() + "'")));
      }
    }
    return Optional.of(factory.newReceiverCall(function, factory.newIdentifier(NOW), arguments));
  }

  public static ConditionOutcome compile(String text) {
    CelValidationResult result = COMPILER.compile(text);
    if (result.hasError()) {
      return new ConditionOutcome.Refused(
          result.getErrors().stream().map(Condition::flaw).distinct().toList());
    }
    try {
      CelAbstractSyntaxTree tree = result.getAst();
      boolean timed =
          tree.getReferenceMap().values().stream()
              .anyMatch(reference -> reference.name().equals(NOW));
      return new ConditionOutcome.Compiled(new Condition(RUNTIME.createProgram(tree), timed));
    } catch (dev.cel.common.CelValidationException | CelEvaluationException e) {
      return new ConditionOutcome.Refused(
          List.of(new ConditionOutcome.Flaw(1, 1, String.valueOf(e.getMessage()))));
    }
  }

  private static ConditionOutcome.Flaw flaw(CelIssue issue) {
    return new ConditionOutcome.Flaw(
        issue.getSourceLocation().getLine(),
        issue.getSourceLocation().getColumn() + 1,
        issue.getMessage().replace(" (in container '')", ""));
  }

  /// Whether the answer depends on the time.
  public boolean timed() {
    return timed;
  }

  /// Asks the condition.
  ///
  /// @param values by name; text, Long, Boolean, a map of texts, or an Instant for `now`
  public Answer ask(Function<String, Object> values) {
    try {
      CelVariableResolver resolver = name -> Optional.of(values.apply(name));
      return Boolean.TRUE.equals(program.eval(resolver)) ? Answer.TRUE : Answer.FALSE;
    } catch (CelEvaluationException e) {
      return new Answer(false, Optional.of(reason(e)));
    }
  }

  private static String reason(CelEvaluationException e) {
    return String.valueOf(e.getMessage()).replaceFirst("^evaluation error( at [^:]+:\\d+)?: ", "");
  }

  /// @param holds whether the condition is true
  /// @param error why it could not be evaluated; it does not hold then
  public record Answer(boolean holds, Optional<String> error) {
    static final Answer TRUE = new Answer(true, Optional.empty());
    static final Answer FALSE = new Answer(false, Optional.empty());
  }
}
