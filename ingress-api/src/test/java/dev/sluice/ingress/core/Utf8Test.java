package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "plain ascii of some length",
        "é",
        "中文字",
        "\ud83d\ude00",
        "\\ud83d\\ude00",
        "\\\\ud800",
        "\\u00e9 and \\n",
        "1234567\\",
        "ends with \\u12"
      })
  void acceptsTextHoweverItIsAligned(String text) {
    for (int shift = 0; shift < 9; shift++) {
      byte[] bytes = (" ".repeat(shift) + text).getBytes(StandardCharsets.UTF_8);

      assertTrue(Utf8.isStrict(bytes), text + " after " + shift);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\\ud800",
        "\\udc00",
        "\\ud800\\ud800",
        "\\ud83dx",
        "\\ud83d\\n",
        "a\0b",
        "\\uD83D"
      })
  void refusesLoneSurrogatesAndNul(String text) {
    for (int shift = 0; shift < 9; shift++) {
      assertFalse(Utf8.isStrict((" ".repeat(shift) + text).getBytes(StandardCharsets.UTF_8)), text);
    }
  }

  @Test
  void refusesAByteOrderMark() {
    assertFalse(Utf8.isStrict("\ufeff{}".getBytes(StandardCharsets.UTF_8)));
    assertFalse(Utf8.isStrict("{}".getBytes(StandardCharsets.UTF_16)));
  }

  @Test
  void agreesWithTheJdkOnRandomBytes() {
    Random random = new Random(20261121);
    byte[] alphabet = {
      'a',
      ' ',
      (byte) 0x80,
      (byte) 0xbf,
      (byte) 0xc0,
      (byte) 0xc2,
      (byte) 0xe0,
      (byte) 0xa0,
      (byte) 0xed,
      (byte) 0x9f,
      (byte) 0xef,
      (byte) 0xf0,
      (byte) 0x90,
      (byte) 0xf4,
      (byte) 0x8f,
      (byte) 0xf5,
      (byte) 0xff
    };
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = new byte[1 + random.nextInt(12)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }

      assertEquals(decodes(bytes), Utf8.isStrict(bytes), java.util.HexFormat.of().formatHex(bytes));
    }
  }

  private static boolean decodes(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return !text.startsWith("\ufeff");
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
