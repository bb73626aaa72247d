package dev.sluice.worker.dialect;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The tool calls of an answer, in order. Not safe for use by several threads.
final class ToolCalls {
  private record One(String id, String name, StringBuilder arguments) {}

  private final List<One> calls = new ArrayList<>();

  void begin(String id, String name) {
    calls.add(new One(id, name, new StringBuilder()));
  }

  void append(String json) {
    calls.getLast().arguments.append(json);
  }

  boolean isEmpty() {
    return calls.isEmpty();
  }

  /// Index of the last one.
  int last() {
    return calls.size() - 1;
  }

  /// As chat has them.
  ArrayNode chat() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (One call : calls) {
      list.addObject()
          .put("id", call.id)
          .put("type", "function")
          .putObject("function")
          .put("name", call.name)
          .put("arguments", call.arguments.toString());
    }
    return list;
  }
}
