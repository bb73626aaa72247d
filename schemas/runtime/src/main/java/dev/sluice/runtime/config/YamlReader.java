package dev.sluice.runtime.config;

import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the text of a YAML file and explains what is not YAML in it. For one thread.
final class YamlReader {
  private final String file;
  private final Problems problems;

  YamlReader(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /// The file's values; only those that have their shape.
  Settings read(String yaml, Shape.Section root) {
    Where start = new Where(file, 1, 1);
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file).build();
      Iterator<Node> documents = new Compose(settings).composeAllFromString(yaml).iterator();
      if (!documents.hasNext()) {
        return Settings.empty(start);
      }
      Node node = documents.next();
      if (documents.hasNext()) {
        problems.add(
            documents.next().getStartMark().map(this::where).orElse(start),
            "syntax",
            "a second YAML document begins here; keep one, and remove the line \"---\"");
      }
      return new NodeReader(file, problems).root(node, root);
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().map(this::where).orElse(start), "syntax", explain(e, yaml));
    } catch (YamlEngineException e) {
      problems.add(start, "syntax", "not YAML: " + firstLine(e));
    }
    return Settings.empty(start);
  }

  private static String explain(MarkedYamlEngineException e, String yaml) {
    int line = e.getProblemMark().map(Mark::getLine).orElse(0);
    String text = yaml.lines().skip(line).findFirst().orElse("");
    String hint = "; correct the YAML here or just before";
    if (text.contains("${")) {
      hint = "; inside {…} and […] a reference needs quotes: \"${env:NAME}\"";
    } else if (text.contains("\t")) {
      hint = "; indent with spaces, not with tabs";
    }
    String context = e.getContext() == null ? "" : e.getContext() + ", ";
    return "not YAML: " + context + e.getProblem() + hint;
  }

  private static String firstLine(YamlEngineException e) {
    return Optional.ofNullable(e.getMessage()).flatMap(text -> text.lines().findFirst()).orElse("");
  }

  private Where where(Mark mark) {
    return new Where(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
