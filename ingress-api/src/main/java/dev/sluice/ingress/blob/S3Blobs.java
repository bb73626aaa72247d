package dev.sluice.ingress.blob;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/// Blobs as objects of a bucket. An object is there once its upload was completed, so this store
/// keeps the promise of [BlobStore] by itself. A small blob is one request, a large one goes up in
/// parts while it is written; memory is one part a writer. Reading holds one connection and goes on
/// where it was when that breaks.
///
/// Only what every S3 knows is asked of the store: no ACLs, no conditions, and of the checksums the
/// oldest, `Content-MD5`.
public final class S3Blobs implements BlobStore {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration SILENCE = Duration.ofSeconds(20);
  private static final Duration ATTEMPT = Duration.ofSeconds(45);
  private static final Duration CALL = Duration.ofMinutes(2);

  /// One for each file that is read, and for each running batch.
  private static final int CONNECTIONS = 1_000;

  private final S3Client client;
  private final String bucket;
  private final String prefix;
  private final LongSupplier nanos;

  public S3Blobs(BlobPlace.Bucket place) {
    this(place, System::nanoTime);
  }

  S3Blobs(BlobPlace.Bucket place, LongSupplier nanos) {
    this.bucket = place.name();
    this.prefix = place.prefix();
    this.nanos = nanos;
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(place.region()))
            .credentialsProvider(credentials(place))
            .forcePathStyle(place.pathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .httpClientBuilder(
                Apache5HttpClient.builder()
                    .connectionTimeout(CONNECT)
                    .socketTimeout(SILENCE)
                    .connectionAcquisitionTimeout(SILENCE)
                    .maxConnections(CONNECTIONS))
            .overrideConfiguration(calls ->
                calls
                    .retryStrategy(RetryMode.STANDARD)
                    .apiCallAttemptTimeout(ATTEMPT)
                    .apiCallTimeout(CALL));
    place.endpoint().ifPresent(builder::endpointOverride);
    this.client = builder.build();
  }

  static AwsCredentialsProvider credentials(BlobPlace.Bucket place) {
    return place
        .keys()
        .<AwsCredentialsProvider>map(keys ->
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(keys.id().value(), keys.secret().value())))
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }

  @Override
  public BlobWriter create(String key) {
    return new S3Writer(client, bucket, name(key), WriteTime.begin(nanos));
  }

  @Override
  public InputStream open(String key, long from) throws IOException {
    try {
      return S3Stream.open(client, bucket, name(key), from);
    } catch (NoSuchFileException _) {
      throw new NoSuchFileException(key);
    }
  }

  @Override
  public void delete(String key) throws IOException {
    String name = name(key);
    try {
      client.deleteObject(request -> request.bucket(bucket).key(name));
    } catch (SdkException e) {
      throw S3Failures.of(e, key);
    }
  }

  @Override
  public List<StoredBlob> list(String after, int most) throws IOException {
    try {
      ListObjectsV2Response page =
          client.listObjectsV2(request ->
              request
                  .bucket(bucket)
                  .prefix(prefix)
                  .maxKeys(most)
                  .startAfter(after.isEmpty() ? null : prefix + after));
      return page.contents().stream()
          .map(object ->
              new StoredBlob(object.key().substring(prefix.length()), object.lastModified()))
          .toList();
    } catch (SdkException e) {
      throw S3Failures.of(e, "");
    }
  }

  @Override
  public int dropUnfinished(Instant before, int most) throws IOException {
    ListMultipartUploadsRequest all =
        ListMultipartUploadsRequest.builder().bucket(bucket).prefix(prefix).build();
    try {
      List<MultipartUpload> old =
          client.listMultipartUploadsPaginator(all).uploads().stream()
              .filter(upload -> upload.initiated().isBefore(before))
              .limit(most)
              .toList();
      for (MultipartUpload upload : old) {
        client.abortMultipartUpload(
            request -> request.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
      }
      return old.size();
    } catch (SdkException e) {
      throw S3Failures.of(e, "");
    }
  }

  private String name(String key) {
    return prefix + BlobKey.checked(key);
  }

  @Override
  public void close() {
    client.close();
  }
}
