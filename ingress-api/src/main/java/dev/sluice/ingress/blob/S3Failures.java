package dev.sluice.ingress.blob;

import dev.sluice.ingress.blob.BlobStoreException.Kind;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// What the SDK throws, as what a [BlobStore] throws. The SDK has tried again already.
final class S3Failures {
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY = 429;
  private static final String NO_CREDENTIALS = "Unable to load credentials";
  private static final Set<String> NO_KEY = Set.of("NoSuchKey", "");

  private S3Failures() {}

  static IOException of(SdkException failure, String key) {
    if (!(failure instanceof SdkServiceException answered)) {
      if (String.valueOf(failure.getMessage()).startsWith(NO_CREDENTIALS)) {
        return new BlobStoreException(
            Kind.REFUSED,
            "this Sluice has no credentials for the blob store: set server.blobs.s3.access_key_id"
                + " and secret_access_key, or give its process those of the AWS SDK's default"
                + " chain, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            failure);
      }
      return new BlobStoreException(
          Kind.UNREACHABLE, "the blob store does not answer; try again soon", failure);
    }
    String code = code(failure);
    int status = answered.statusCode();
    if (status == NOT_FOUND && NO_KEY.contains(code)) {
      return new NoSuchFileException(key);
    }
    if (status >= 500 || status == TOO_MANY) {
      return new BlobStoreException(
          Kind.UNREACHABLE, "the blob store cannot serve now; try again soon", failure);
    }
    String why = code.isEmpty() ? Integer.toString(status) : code;
    return new BlobStoreException(
        Kind.REFUSED, "the blob store refused this Sluice: " + why, failure);
  }

  /// The store's own word for it; empty when it said none.
  static String code(SdkException failure) {
    if (!(failure instanceof S3Exception said)) {
      return "";
    }
    AwsErrorDetails details = said.awsErrorDetails();
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }
}
