package dev.sluice.testkit.serde;

import dev.sluice.contract.serde.SchemaRegistry;
import dev.sluice.contract.serde.SchemaRegistryException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/// A registry that lives as long as the test: every schema is accepted, equal schemas share an id.
///
/// Safe for use by many threads.
public final class MemorySchemaRegistry implements SchemaRegistry {
  private final List<Schema> schemas = new ArrayList<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    int known = schemas.indexOf(schema);
    if (known >= 0) {
      return known + 1;
    }
    schemas.add(schema);
    return schemas.size();
  }

  @Override
  public synchronized Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new SchemaRegistryException(40403, "Schema " + id + " not found");
    }
    return schemas.get(id - 1);
  }
}
