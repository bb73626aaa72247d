package dev.sluice.contract.serde;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/// Accepts every schema, as a registry with compatibility NONE.
final class FakeSchemaRegistry implements SchemaRegistry {
  final List<Schema> schemas = new ArrayList<>();
  final List<String> subjects = new ArrayList<>();

  @Override
  public int register(String subject, Schema schema) {
    subjects.add(subject);
    schemas.add(schema);
    return schemas.size();
  }

  @Override
  public Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new SchemaRegistryException(SchemaRegistryException.SCHEMA_NOT_FOUND, "Schema " + id);
    }
    return schemas.get(id - 1);
  }
}
