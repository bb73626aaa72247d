package dev.sluice.ingress.blob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderBlobsTest extends BlobStoreContract {
  @TempDir Path folder;

  @Override
  BlobStore open(LongSupplier nanos) {
    return new FolderBlobs(folder.resolve("blobs"), nanos);
  }

  @Test
  void aFolderThatCannotBeUsedIsSaid() throws Exception {
    Files.writeString(folder.resolve("blobs"), "not a folder");

    BlobStoreException failure =
        assertThrows(BlobStoreException.class, () -> blobs.create("files/one"));

    assertEquals(BlobStoreException.Kind.UNREACHABLE, failure.kind());
  }
}
