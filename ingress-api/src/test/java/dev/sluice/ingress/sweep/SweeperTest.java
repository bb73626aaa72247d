package dev.sluice.ingress.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Upload;
import dev.sluice.contract.avro.UploadPart;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.BlobStore.StoredBlob;
import dev.sluice.ingress.blob.BlobWriter;
import dev.sluice.ingress.blob.FolderBlobs;
import dev.sluice.ingress.http.MemoryStorage;
import dev.sluice.testkit.SettableClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sweeps of a folder, by a clock that the test moves. The folder's own clock is the machine's.
class SweeperTest {
  private static final Duration GRACE = Duration.ofDays(1);
  private static final String LOG = "cluster topic";

  @TempDir Path folder;

  private final SettableClock clock = new SettableClock(Instant.now());
  private final MemoryStorage log = new MemoryStorage();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private BlobStore blobs;
  private Sweeper sweeper;

  @BeforeEach
  void begins() {
    blobs = new FolderBlobs(folder);
    sweeper = sweeper();
  }

  private Sweeper sweeper() {
    return new Sweeper(
        new Sweeper.Tools(log, log.keys, log, blobs, () -> true, clock),
        GRACE,
        new SweepMeters(meters));
  }

  @Test
  void whatNothingRefersToGoesAfterTheGraceTimeAndTwoLooks() throws Exception {
    write("files/orphan");
    write("files/kept");
    log.put(file("file-1", "files/kept", null));

    twice();
    assertEquals(Set.of("files/kept", "files/orphan"), keys());

    clock.advance(GRACE.plusMinutes(1));
    sweeper.sweep(LOG);
    assertEquals(Set.of("files/kept", "files/orphan"), keys());
    assertEquals(1, meters.get("sluice.ingress.sweep.waiting").gauge().value());
    clock.advance(Sweeper.EVERY);
    sweeper.sweep(LOG);

    assertEquals(Set.of("files/kept"), keys());
    assertEquals(1, swept("orphan"));
  }

  @Test
  void aRecordThatComesBetweenTheLooksKeepsItsBlob() throws Exception {
    write("files/late");
    clock.advance(GRACE.plusMinutes(1));
    sweeper.sweep(LOG);

    log.put(file("file-1", "files/late", null));
    twice();

    assertEquals(Set.of("files/late"), keys());
  }

  @Test
  void anotherSweeperLooksTwiceItself() throws Exception {
    write("files/orphan");
    clock.advance(GRACE.plusMinutes(1));
    sweeper.sweep(LOG);
    clock.advance(Sweeper.EVERY);

    sweeper = sweeper();
    sweeper.sweep(LOG);

    assertEquals(Set.of("files/orphan"), keys());
  }

  @Test
  void anExpiredFileGoesWithItsBytes() throws Exception {
    write("files/short");
    log.put(file("file-1", "files/short", clock.instant().plus(Duration.ofHours(1))));

    clock.advance(GRACE);
    twice();
    assertEquals(Set.of("files/short"), keys());
    clock.advance(Duration.ofHours(1));
    twice();
    twice();

    assertEquals(Set.of(), keys());
    assertTrue(log.everything().files().isEmpty());
  }

  @Test
  void anUploadThatNobodyCompletedGoesWithItsParts() throws Exception {
    write("uploads/part");
    log.put(upload());
    log.put(part());

    clock.advance(GRACE);
    twice();
    assertEquals(Set.of("uploads/part"), keys());
    clock.advance(Duration.ofHours(2));
    twice();
    twice();

    assertEquals(Set.of(), keys());
    assertTrue(log.everything().uploads().isEmpty());
    assertTrue(log.everything().parts().isEmpty());
  }

  @Test
  void whatABatchNeedsStaysWhileItRunsAndItsResultsStayAfterwards() throws Exception {
    for (String key : List.of("batches/m/in", "batches/m/out", "batches/o/in", "batches/o/out")) {
      write(key);
    }
    log.submit("acme", "msgbatch_1", request("batches/m/in", null));
    log.submit("acme", "batch_1", request("batches/o/in", "file-gone"));
    log.progress("msgbatch_1", progress("in_progress", "batches/m/out"));
    log.progress("batch_1", progress("in_progress", "batches/o/out"));
    clock.advance(GRACE.plusMinutes(1));

    twice();
    assertEquals(4, keys().size());

    log.progress("msgbatch_1", progress("completed", "batches/m/out"));
    log.progress("batch_1", progress("completed", "batches/o/out"));
    log.put(file("file-out", "batches/o/out", null));
    twice();
    assertEquals(Set.of("batches/m/out", "batches/o/out"), keys());
  }

  @Test
  void whatAKilledWriterLeftGoesAfterTheGraceTime() throws Exception {
    BlobWriter killed = blobs.create("files/one");
    killed.write(ByteBuffer.wrap(new byte[10]));

    twice();
    assertEquals(0, swept("unfinished"));
    clock.advance(GRACE.plusMinutes(1));
    sweeper.sweep(LOG);

    assertEquals(1, swept("unfinished"));
  }

  @Test
  void aStoreOfAnotherLogIsNotSwept() throws Exception {
    write("files/theirs");
    sweeper.sweep("another log");
    clock.advance(GRACE.plusMinutes(1));

    twice();
    twice();

    assertEquals(Set.of("files/theirs"), keys());
    assertEquals(
        4, meters.get("sluice.ingress.sweeps").tag("outcome", "foreign").counter().count());
  }

  private void twice() {
    sweeper.sweep(LOG);
    clock.advance(Sweeper.EVERY);
    sweeper.sweep(LOG);
  }

  private void write(String key) throws IOException {
    try (BlobWriter writer = blobs.create(key)) {
      writer.write(ByteBuffer.wrap(new byte[] {1}));
      writer.commit();
    }
  }

  private Set<String> keys() throws IOException {
    return blobs.list("", 100).stream()
        .map(StoredBlob::key)
        .filter(key -> !key.equals(StoreOwner.KEY))
        .collect(Collectors.toSet());
  }

  private double swept(String kind) {
    return meters.get("sluice.ingress.sweep.blobs").tag("kind", kind).counter().count();
  }

  private StoredFile file(String id, String blob, Instant expires) {
    StoredFile file = new StoredFile();
    file.setId(id);
    file.setTenant("acme");
    file.setFilename("x");
    file.setPurpose("batch");
    file.setCreatedAt(clock.instant());
    file.setExpiresAt(expires);
    file.setParts(List.of(new BlobPart(blob, 1L)));
    return file;
  }

  private Upload upload() {
    Upload upload = new Upload();
    upload.setId("upload_1");
    upload.setTenant("acme");
    upload.setFilename("x");
    upload.setPurpose("batch");
    upload.setMimeType("text/plain");
    upload.setBytes(1L);
    upload.setCreatedAt(clock.instant());
    upload.setExpiresAt(clock.instant().plus(Duration.ofHours(1)));
    upload.setStatus("pending");
    return upload;
  }

  private UploadPart part() {
    UploadPart part = new UploadPart();
    part.setId("part_1");
    part.setTenant("acme");
    part.setUploadId("upload_1");
    part.setCreatedAt(clock.instant());
    part.setMd5("");
    part.setContent(new BlobPart("uploads/part", 1L));
    return part;
  }

  private BatchRequest request(String input, String fileId) {
    BatchRequest request = new BatchRequest();
    request.setKeyId("key");
    request.setSurface(fileId == null ? "anthropic" : "openai");
    request.setEndpoint("/v1/messages");
    request.setInputFileId(fileId);
    request.setInput(List.of(new BlobPart(input, 1L)));
    request.setCompletionWindow("24h");
    request.setCreatedAt(clock.instant());
    request.setExpiresAt(clock.instant().plus(Duration.ofDays(7)));
    request.setMetadata(Map.of());
    request.setRequestHeaders(Map.of());
    return request;
  }

  private static BatchProgress progress(String status, String output) {
    BatchProgress progress = new BatchProgress();
    progress.setStatus(status);
    progress.setOutput(List.of(new BlobPart(output, 1L)));
    progress.setErrors(List.of());
    return progress;
  }
}
