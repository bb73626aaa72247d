package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.deploy.registry.NodeProject;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A linter of someone else finds nothing to say about the published descriptions.
class ApiDescriptionE2E {

  @Test
  void theDescriptionsAreWhatTheirStandardsAskFor() {
    Optional<String> good =
        NodeProject.at("api")
            .run("lint.js", "../../../docs/openapi.yaml", "../../../docs/asyncapi.yaml");

    assertEquals(Optional.of("2"), good);
  }
}
