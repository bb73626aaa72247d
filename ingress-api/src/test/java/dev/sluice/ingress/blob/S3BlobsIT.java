package dev.sluice.ingress.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.blob.BlobStoreException.Kind;
import dev.sluice.runtime.config.Secret;
import dev.sluice.testkit.S3Server;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/// The contract on a real S3 server, each test under a prefix of its own, and what is only this
/// store's.
class S3BlobsIT extends BlobStoreContract {
  @TempDir static Path folder;
  private static S3Server server;
  private static int stores;

  @BeforeAll
  static void serves() throws Exception {
    server = S3Server.start(folder);
  }

  @AfterAll
  static void stops() {
    server.close();
  }

  @Override
  BlobStore open(LongSupplier nanos) {
    stores++;
    return new S3Blobs(place(S3Server.BUCKET, S3Server.SECRET), nanos);
  }

  private static BlobPlace.Bucket place(String bucket, String secret) {
    return place(
        bucket, Optional.of(new BlobPlace.Keys(Secret.of(S3Server.KEY_ID), Secret.of(secret))));
  }

  private static BlobPlace.Bucket place(String bucket, Optional<BlobPlace.Keys> keys) {
    return new BlobPlace.Bucket(
        bucket, Optional.of(server.url()), "us-east-1", "of-test-" + stores + "/", true, keys);
  }

  @Test
  void withoutKeysTheDefaultChainOfTheSdkIsAsked() throws Exception {
    BlobPlace.Bucket place = place(S3Server.BUCKET, Optional.empty());
    assertInstanceOf(DefaultCredentialsProvider.class, S3Blobs.credentials(place));
    // The first link of the chain that a test can set.
    System.setProperty("aws.accessKeyId", S3Server.KEY_ID);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET);
    try (BlobStore store = place.open();
        BlobWriter writer = store.create("one")) {
      writer.write(ByteBuffer.wrap(new byte[10]));
      writer.commit();
      assertEquals(1, store.list("", 10).size());
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  @Test
  void aChainThatHasNothingSaysWhatToSet() {
    SdkException nothing =
        assertThrows(
            SdkException.class,
            () ->
                AwsCredentialsProviderChain.of(SystemPropertyCredentialsProvider.create())
                    .resolveCredentials());

    BlobStoreException refused =
        assertInstanceOf(BlobStoreException.class, S3Failures.of(nothing, "one"));

    assertEquals(Kind.REFUSED, refused.kind());
    assertTrue(refused.getMessage().contains("server.blobs.s3.access_key_id"));
    assertTrue(refused.getMessage().contains("AWS_ACCESS_KEY_ID"));
  }

  @Test
  void whatIsOutsideOfItsPrefixIsNotSeen() throws Exception {
    write("one", bytes(10));

    try (BlobStore other = open(System::nanoTime)) {
      assertTrue(other.list("", 10).isEmpty());
    }
  }

  @Test
  void aStoreThatRefusesIsToldApart() throws Exception {
    try (BlobStore wrongKey = place(S3Server.BUCKET, "another").open();
        BlobStore noBucket = place("no-such-bucket", S3Server.SECRET).open()) {
      BlobStoreException refused = commit(wrongKey);
      assertEquals(Kind.REFUSED, refused.kind());
      assertTrue(refused.getMessage().contains("SignatureDoesNotMatch"), refused.getMessage());
      assertEquals(Kind.REFUSED, commit(noBucket).kind());
      assertEquals(
          Kind.REFUSED,
          assertThrows(BlobStoreException.class, () -> noBucket.open("one", 0)).kind());
    }
  }

  private static BlobStoreException commit(BlobStore store) throws Exception {
    try (BlobWriter writer = store.create("one")) {
      writer.write(ByteBuffer.wrap(new byte[10]));
      return assertThrows(BlobStoreException.class, writer::commit);
    }
  }

  @Test
  void aStoreThatIsAwayIsSaidAndServesAgainWhenItIsBack() throws Exception {
    byte[] bytes = bytes(3 * S3Writer.PART_BYTES);
    write("one", bytes);
    try (InputStream in = blobs.open("one", 0)) {
      byte[] first = in.readNBytes(100_000);
      int port = server.port();
      server.close();

      BlobStoreException away =
          assertThrows(BlobStoreException.class, () -> write("two", bytes(10)));
      assertEquals(Kind.UNREACHABLE, away.kind());

      server = S3Server.start(folder, port);
      byte[] rest = in.readAllBytes();
      assertArrayEquals(bytes, both(first, rest));
    }
    write("two", bytes(10));
  }

  private static byte[] both(byte[] first, byte[] rest) {
    byte[] all = Arrays.copyOf(first, first.length + rest.length);
    System.arraycopy(rest, 0, all, first.length, rest.length);
    return all;
  }
}
