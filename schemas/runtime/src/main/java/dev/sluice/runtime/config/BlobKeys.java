package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Shape.section;

import java.time.Duration;

/// The keys of `server.blobs`.
final class BlobKeys {
  private static final Shape.Section S3 =
      section(
          optional(
              "bucket",
              new Shape.Text("[A-Za-z0-9][A-Za-z0-9.:/-]{2,}", "the name or ARN of a bucket"),
              "Bucket of the bytes of files, instead of a folder. It must be there."),
          optional(
              "endpoint",
              new Shape.Url(),
              "Amazon's of the region",
              "Address of an object store that speaks S3."),
          optional(
              "region",
              new Shape.Text("\\S+", "text without spaces"),
              "us-east-1",
              "Region that requests are signed for."),
          optional(
              "prefix",
              new Shape.Text("[A-Za-z0-9_.:-]+(/[A-Za-z0-9_.:-]+)*/?", "a path"),
              "the bucket's root",
              "Path in the bucket; what is outside of it is not touched."),
          optional(
              "path_style",
              new Shape.Flag(),
              "false",
              "Whether the bucket is named in the path, not in the host; many stores other than"
                  + " Amazon's need `true`."),
          optional(
              "access_key_id",
              new Shape.Reference(),
              "the AWS SDK's chain: environment, profile, container, instance",
              "Access key of the store."),
          optional("secret_access_key", new Shape.Reference(), "the same chain", "Its secret."));

  static final Shape.Section SECTION =
      section(
          optional(
              "folder",
              new Shape.Text("[^\\x00]+", "a folder"),
              "blobs in the data folder",
              "Folder of the bytes of files. All ingresses must see the same one."),
          optional("s3", S3, "The bucket of the bytes of files, instead of a folder."),
          optional(
              "grace",
              new Shape.Span(Duration.ofHours(12), Duration.ofDays(30)),
              "P1D",
              "How long bytes are kept after their file was deleted or has expired, and bytes that"
                  + " no file came to refer to."));

  private BlobKeys() {}
}
