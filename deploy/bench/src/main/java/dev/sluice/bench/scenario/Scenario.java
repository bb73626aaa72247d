package dev.sluice.bench.scenario;

import java.io.IOException;

/// One question about Sluice. Starts and stops what it measures.
public interface Scenario {

  /// What is measured and how, for the page.
  String question();

  Findings run(Bench bench) throws IOException, InterruptedException;
}
