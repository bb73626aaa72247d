package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.core.Disturbance;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.SplittableRandom;

/// The processes under test. Used by the driver's thread only.
interface Fleet extends AutoCloseable {

  /// Starts everything and returns when it serves.
  void start() throws IOException, InterruptedException;

  /// Kills or freezes something, and returns when all of it serves again.
  List<Disturbance> disturb(SplittableRandom random) throws IOException, InterruptedException;

  /// Kills everything and starts it again.
  Disturbance restart() throws IOException, InterruptedException;

  /// Host and port of the broker.
  String kafka();

  /// Where schemas are served.
  URI registry();

  /// Kills everything.
  @Override
  void close();
}
