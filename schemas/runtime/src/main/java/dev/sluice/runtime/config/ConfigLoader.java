package dev.sluice.runtime.config;

import dev.sluice.contract.model.Policy;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Reads the configuration: file, environment, options, secrets; checks all of it; reports every
/// problem of one run together.
public final class ConfigLoader {

  private ConfigLoader() {}

  public static ConfigOutcome load(ConfigInput input) {
    var problems = new Problems();
    Settings root =
        input
            .file()
            .map(file -> readFile(file, problems))
            .orElseGet(() -> Settings.empty(Where.named("defaults")));
    ServerSettings settings = ServerSettings.of(root.section("server"), input, problems);
    var secrets = new SecretCheck(input.secrets(), input.demand(), problems);
    ServerConfig server = new ServerBinder(settings.flat(), secrets, problems).bind();
    Policy policy = PolicyBinder.bind(root);
    PolicyCheck.check(root, policy, problems);
    secrets.ofPolicy(root);
    return problems.none()
        ? new ConfigOutcome.Loaded(
            new Configuration(server, policy, settings.effective(), problems.notes()))
        : new ConfigOutcome.Rejected(problems.errors(), problems.notes());
  }

  private static Settings readFile(Path file, Problems problems) {
    Where where = Where.named(file.toString());
    try {
      return new YamlReader(file.toString(), problems)
          .read(Files.readString(file), PolicyKeys.ROOT);
    } catch (NoSuchFileException e) {
      problems.add(where, "file", "does not exist; check the name after -c");
    } catch (CharacterCodingException e) {
      problems.add(where, "file", "is not UTF-8 text; save it as UTF-8");
    } catch (IOException e) {
      String why = Files.isDirectory(file) ? "is a folder" : "cannot be read (" + e + ")";
      problems.add(where, "file", why + "; name a readable file after -c");
    }
    return Settings.empty(where);
  }
}
