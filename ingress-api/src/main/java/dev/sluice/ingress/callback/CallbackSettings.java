package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.DeliveryBook;
import dev.sluice.ingress.core.callback.DeliveryRule;
import dev.sluice.ingress.core.callback.Networks;
import dev.sluice.runtime.config.Secret;
import java.util.List;
import java.util.Optional;

/// How callbacks are sent.
///
/// @param allowed networks inside which http and any port may be used
/// @param key encrypts signing secrets; without one no callback is taken or sent
/// @param rule when to try again
/// @param bounds how much at once
public record CallbackSettings(
    Networks allowed, Optional<Secret> key, DeliveryRule rule, DeliveryBook.Bounds bounds) {
  public static final CallbackSettings NONE = of(List.of(), Optional.empty());

  /// With the schedule of the standard.
  ///
  /// @param allowed as CIDR
  public static CallbackSettings of(List<String> allowed, Optional<Secret> key) {
    return new CallbackSettings(
        Networks.of(allowed), key, DeliveryRule.STANDARD, DeliveryBook.Bounds.STANDARD);
  }
}
