package dev.sluice.ingress.blob;

import dev.sluice.runtime.config.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where blobs are.
public sealed interface BlobPlace {

  /// The store there; the caller closes it. Nothing is asked of it yet.
  default BlobStore open() {
    return switch (this) {
      case Folder(Path path) -> new FolderBlobs(path);
      case Bucket bucket -> new S3Blobs(bucket);
    };
  }

  /// A folder that every ingress sees.
  record Folder(Path path) implements BlobPlace {}

  /// A bucket of an object store that speaks S3.
  ///
  /// @param endpoint empty for Amazon's own of the region
  /// @param prefix of every key; empty, or with a slash at its end
  /// @param pathStyle whether the bucket is named in the path, not in the host
  /// @param keys empty for the default chain of the AWS SDK: environment, profile, container,
  ///   instance
  record Bucket(
      String name,
      Optional<URI> endpoint,
      String region,
      String prefix,
      boolean pathStyle,
      Optional<Keys> keys)
      implements BlobPlace {}

  /// An access key of the object store.
  record Keys(Secret id, Secret secret) {}
}
