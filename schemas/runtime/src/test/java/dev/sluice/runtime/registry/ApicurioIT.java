package dev.sluice.runtime.registry;

import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// A registry server that others wrote and run.
class ApicurioIT implements RegistryContract {
  private static ApicurioServer server;

  @BeforeAll
  static void serves() throws Exception {
    server = ApicurioServer.start();
  }

  @AfterAll
  static void stops() {
    server.close();
  }

  @Override
  public URI url() {
    return server.url();
  }
}
