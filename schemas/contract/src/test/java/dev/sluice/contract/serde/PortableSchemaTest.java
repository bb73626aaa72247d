package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.JobResult;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class PortableSchemaTest {

  @Test
  void dropsTheMarksOfJavasCodeGenerator() {
    String text = PortableSchema.of(JobResult.getClassSchema()).toString();

    assertTrue(JobResult.getClassSchema().toString().contains("avro.java.string"));
    assertFalse(text.contains("avro.java"), text);
  }

  @Test
  void inlinesNestedTypes() {
    Schema alone =
        new Schema.Parser().parse(PortableSchema.of(JobResult.getClassSchema()).toString());

    assertEquals(
        Schema.Type.RECORD, alone.getField("attempts").schema().getElementType().getType());
  }

  @Test
  void keepsLogicalTypesDefaultsAndTheMeaning() {
    String text =
        """
        {"type":"record","name":"R","fields":[
         {"name":"a","type":["null",{"type":"string","avro.java.string":"String"}],"default":null},
         {"name":"b","type":{"type":"map","values":"string","avro.java.string":"String"},
          "default":{"type":"string"}},
         {"name":"c","type":{"type":"bytes","logicalType":"decimal","precision":38,"scale":12}},
         {"name":"d","type":{"type":"string","avro.java.string":"String","logicalType":"uuid"}}]}
        """;

    Schema portable = PortableSchema.of(new Schema.Parser().parse(text));

    assertEquals(
        """
        {"type":"record","name":"R","fields":[\
        {"name":"a","type":["null","string"],"default":null},\
        {"name":"b","type":{"type":"map","values":"string"},"default":{"type":"string"}},\
        {"name":"c","type":{"type":"bytes","logicalType":"decimal","precision":38,"scale":12}},\
        {"name":"d","type":{"type":"string","logicalType":"uuid"}}]}\
        """,
        portable.toString());
  }

  @Test
  void leavesAPlainSchemaAsItIs() {
    Schema plain = Schema.create(Schema.Type.LONG);

    assertSame(plain, PortableSchema.of(plain));
  }
}
