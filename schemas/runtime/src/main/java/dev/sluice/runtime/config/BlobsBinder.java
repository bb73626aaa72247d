package dev.sluice.runtime.config;

import dev.sluice.runtime.config.ServerConfig.AccessKey;
import dev.sluice.runtime.config.ServerConfig.Blobs;
import dev.sluice.runtime.config.ServerConfig.Bucket;
import java.nio.file.Path;
import java.util.Optional;

/// Makes the settings of the blob store. For one thread.
final class BlobsBinder {
  private static final String S3 = "blobs.s3.";
  private static final String BUCKET = S3 + "bucket";

  private final Settings flat;
  private final SecretCheck secrets;
  private final Problems problems;

  BlobsBinder(Settings flat, SecretCheck secrets, Problems problems) {
    this.flat = flat;
    this.secrets = secrets;
    this.problems = problems;
  }

  Blobs bind() {
    Optional<Entry> folder = flat.entry("blobs.folder");
    Optional<Bucket> bucket = bucket();
    if (bucket.isPresent()) {
      folder.ifPresent(entry ->
          add(entry, "blobs are in a folder or in a bucket; remove blobs.folder or blobs.s3"));
    }
    return new Blobs(
        folder.map(Entry::text).map(Path::of),
        bucket,
        flat.span("blobs.grace").orElse(Blobs.DEFAULT.grace()));
  }

  private Optional<Bucket> bucket() {
    Optional<AccessKey> keys = keys();
    Optional<Entry> name = flat.entry(BUCKET);
    if (name.isEmpty()) {
      flat.entries()
          .forEach((path, entry) -> {
            if (path.startsWith(S3)) {
              add(entry, "has no effect without blobs.s3.bucket; add it, or remove this");
            }
          });
      return Optional.empty();
    }
    return Optional.of(
        new Bucket(
            name.get().text(),
            flat.url(S3 + "endpoint"),
            flat.text(S3 + "region").orElse(Bucket.DEFAULT_REGION),
            flat.text(S3 + "prefix").map(BlobsBinder::asFolder).orElse(""),
            flat.entry(S3 + "path_style").map(entry -> (Boolean) entry.value()).orElse(false),
            keys));
  }

  private static String asFolder(String prefix) {
    return prefix.endsWith("/") ? prefix : prefix + "/";
  }

  private Optional<AccessKey> keys() {
    Optional<Entry> id = flat.entry(S3 + "access_key_id");
    Optional<Entry> secret = flat.entry(S3 + "secret_access_key");
    id.filter(_ -> secret.isEmpty())
        .ifPresent(entry -> add(entry, "needs blobs.s3.secret_access_key beside it"));
    secret
        .filter(_ -> id.isEmpty())
        .ifPresent(entry -> add(entry, "needs blobs.s3.access_key_id beside it"));
    return id.flatMap(
        i -> secret.map(s -> new AccessKey(secrets.ofServer(i), secrets.ofServer(s))));
  }

  private void add(Entry entry, String text) {
    problems.add(entry.where(), entry.path(), text);
  }
}
