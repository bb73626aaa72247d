package dev.sluice.contract.serde;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes.LogicalTypeFactory;
import org.apache.avro.Schema;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/// Tells Avro that our generated record classes may be loaded by the names in a schema. Since
/// 1.12.2 it loads no class that is not trusted by name, neither for reading a record nor for
/// filling in a default.
///
/// It is a logical type only because that service interface is what Avro loads when it parses the
/// first schema, thus before any of our records exists, in every process and every test. Whatever
/// else was trusted stays so. The runtime module registers it.
public final class TrustedRecords implements LogicalTypeFactory {
  private static final String NAME = "sluice-trusted-records";
  private static final String PACKAGE = "dev.sluice.contract.avro.";

  static {
    ClassSecurityPredicate others = ClassSecurityValidator.getGlobal();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(type -> type.getName().startsWith(PACKAGE), others));
  }

  @Override
  public LogicalType fromSchema(Schema schema) {
    return new LogicalType(NAME);
  }

  @Override
  public String getTypeName() {
    return NAME;
  }
}
