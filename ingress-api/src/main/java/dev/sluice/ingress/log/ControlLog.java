package dev.sluice.ingress.log;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;

/// What is held back: read by every router and every ingress.
public interface ControlLog {

  /// As far as is known here, a moment old at most; nothing before it was read at first.
  Controls current();

  /// All that was held back at this call, whoever said so.
  ///
  /// @throws LogUnavailableException when that cannot be known in time
  Controls settled();

  /// Holds something back, and waits until that is known here. Every router hears of it by itself.
  ///
  /// @throws LogUnavailableException when the log did not confirm in time; it may hold all the same
  void put(Control control);

  /// Takes such a word back, and waits until that is known here.
  ///
  /// @throws LogUnavailableException as above
  void remove(Control.Target target);
}
