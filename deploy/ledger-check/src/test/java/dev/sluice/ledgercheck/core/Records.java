package dev.sluice.ledgercheck.core;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Copies of records with some components changed.
final class Records {
  private Records() {}

  /// @param changes names of components, each followed by its new value
  static <R extends Record> R with(R record, Object... changes) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Map<String, Object> values = new LinkedHashMap<>();
    try {
      for (RecordComponent component : components) {
        values.put(component.getName(), component.getAccessor().invoke(record));
      }
      for (int i = 0; i < changes.length; i += 2) {
        if (values.replace((String) changes[i], changes[i + 1]) == null) {
          throw new IllegalArgumentException("no component " + changes[i] + ": " + record);
        }
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      @SuppressWarnings("unchecked")
      R copy =
          (R)
              record
                  .getClass()
                  .getDeclaredConstructor(types)
                  .newInstance(values.values().toArray());
      return copy;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
