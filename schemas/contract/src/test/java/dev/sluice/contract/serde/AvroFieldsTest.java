package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What Avro wrote is what is taken.
class AvroFieldsTest {
  private static final int VALUES = 5_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
  private final AvroFields fields = new AvroFields();

  private AvroFields written() throws IOException {
    encoder.flush();
    fields.over(out.toByteArray(), 0);
    return fields;
  }

  private static AvroFields of(int... bytes) {
    byte[] record = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      record[i] = (byte) bytes[i];
    }
    AvroFields fields = new AvroFields();
    fields.over(record, 0);
    return fields;
  }

  /// Of each number of bits as many.
  private static long number(Random random) {
    return random.nextLong() >> random.nextInt(Long.SIZE);
  }

  private static String text(Random random) {
    return "текст".substring(random.nextInt(5)) + random.nextInt(2_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void eachValueIsTakenAsAvroWroteIt(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < VALUES; i++) {
      encoder.writeLong(number(random));
      encoder.writeInt((int) number(random));
      encoder.writeBoolean(random.nextBoolean());
      encoder.writeString(text(random));
      encoder.writeString(text(random));
      encoder.writeBytes(new byte[] {(byte) random.nextInt(), 7});
    }
    random.setSeed(seed);
    AvroFields taken = written();
    for (int i = 0; i < VALUES; i++) {
      assertEquals(number(random), taken.takeLong());
      assertEquals((int) number(random), taken.takeInt());
      assertEquals(random.nextBoolean(), taken.takeBoolean());
      assertEquals(text(random), taken.takeText());
      assertEquals(text(random), taken.takeSharedText());
      assertEquals(ByteBuffer.wrap(new byte[] {(byte) random.nextInt(), 7}), taken.takeBytes());
    }
    assertTrue(taken.isEnd());
  }

  @Test
  void theLongestNumbersAreTaken() throws IOException {
    encoder.writeLong(Long.MIN_VALUE);
    encoder.writeLong(Long.MAX_VALUE);
    encoder.writeInt(Integer.MIN_VALUE);
    AvroFields taken = written();

    assertEquals(Long.MIN_VALUE, taken.takeLong());
    assertEquals(Long.MAX_VALUE, taken.takeLong());
    assertFalse(taken.isEnd());
    assertEquals(Integer.MIN_VALUE, taken.takeInt());
    assertTrue(taken.isEnd());
  }

  @Test
  void equalTextsAreOneObject() throws IOException {
    encoder.writeString("tenant-1");
    encoder.writeString("tenant-2");
    encoder.writeString("tenant-1");
    AvroFields taken = written();

    String first = taken.takeSharedText();
    assertEquals("tenant-2", taken.takeSharedText());
    assertSame(first, taken.takeSharedText());
  }

  @Test
  void whatIsDamagedIsNotTaken() {
    assertThrows(IndexOutOfBoundsException.class, () -> of().takeLong());
    assertThrows(IndexOutOfBoundsException.class, () -> of(0x80).takeLong());
    AvroFields endless = of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0);
    assertThrows(IllegalStateException.class, endless::takeLong);
    AvroFields large = of(0xff, 0xff, 0xff, 0xff, 0xff, 0x0f);
    assertThrows(ArithmeticException.class, large::takeInt);
    AvroFields padded = of(0x82, 0x80, 0x80, 0x80, 0x80, 0);
    assertThrows(IllegalStateException.class, padded::takeInt);
    assertThrows(IllegalStateException.class, () -> of(4, 'a').takeText());
    assertThrows(IllegalStateException.class, () -> of(1, 'a').takeSharedText());
  }

  @Test
  void whatAStretchHadIsPassedOverAndNothingElseIs() {
    AvroFields.Stretch kept = new AvroFields.Stretch();
    AvroFields first = of(2, 4, 6, 8);
    assertFalse(first.passes(kept), "nothing is kept yet");
    assertEquals(1, first.takeInt());
    first.begin(kept);
    assertEquals(2, first.takeInt());
    assertEquals(3, first.takeInt());
    first.end(kept);

    AvroFields same = of(4, 6, 10);
    assertTrue(same.passes(kept));
    assertEquals(5, same.takeInt());
    assertTrue(same.isEnd());

    AvroFields other = of(4, 7, 10);
    assertFalse(other.passes(kept));
    assertEquals(2, other.takeInt(), "and nothing was taken");
    assertFalse(of(4).passes(kept), "there is less");
  }
}
