package dev.sluice.bench.story;

import dev.sluice.contract.model.Policy;
import dev.sluice.runtime.config.ConfigInput;
import dev.sluice.runtime.config.ConfigLoader;
import dev.sluice.runtime.config.ConfigOutcome;
import dev.sluice.runtime.config.SecretSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A story's policy, read and checked as the product does.
public final class StoryPolicy {
  private StoryPolicy() {}

  /// @param folder for the file
  /// @throws IllegalArgumentException with every problem, when the product would refuse it
  public static Policy of(Story story, Path folder) throws IOException {
    Path file = folder.resolve(story.name() + ".yaml");
    Files.writeString(
        file, story.policy().replaceAll("\\$\\{mock:[^}]+}", "http://127.0.0.1:1/v1"));
    ConfigInput input =
        new ConfigInput(
            Optional.of(file),
            Map.of(),
            Map.of(),
            SecretSource.of(LiveStory.keys(story)),
            ConfigInput.Demand.ALL);
    return switch (ConfigLoader.load(input)) {
      case ConfigOutcome.Loaded(var configuration) -> configuration.policy();
      case ConfigOutcome.Rejected(var problems, var _) ->
          throw new IllegalArgumentException("story " + story.name() + ": " + problems);
    };
  }
}
