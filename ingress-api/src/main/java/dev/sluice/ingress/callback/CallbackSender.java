package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.CallbackUrl;
import dev.sluice.ingress.core.callback.UrlGuard;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;

/// Makes one call to a receiver. The host is looked up once, each of its addresses is checked, and
/// the connection goes to a checked address; the name stays what TLS verifies. No redirect is
/// followed, no proxy is used, no cookie kept, and of the answer no more than 64 KiB is read. Safe
/// for use by many threads.
final class CallbackSender implements AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 64 * 1024;
  private static final int MAX_CONNECTIONS = 2_048;
  private static final int MAX_TO_ONE = 64;

  private final UrlGuard guard;
  private final HostResolver resolver;
  private final Clock clock;
  private final Limits limits;
  private final CloseableHttpClient client;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("sluice-callback-watchdog").factory());

  /// @param connect longest wait for a connection
  /// @param total longest time of a whole call
  record Limits(Duration connect, Duration total) {
    static final Limits STANDARD = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(15));
  }

  CallbackSender(
      UrlGuard guard, HostResolver resolver, SSLContext trust, Limits limits, Clock clock) {
    this.guard = guard;
    this.resolver = resolver;
    this.limits = limits;
    this.clock = clock;
    this.client =
        HttpClients.custom()
            .setConnectionManager(connections(trust, limits))
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setResponseTimeout(timeout(limits.total()))
                    .setConnectionRequestTimeout(timeout(limits.connect()))
                    .setProtocolUpgradeEnabled(false)
                    .build())
            .setUserAgent("Sluice-Callback/1")
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .build();
  }

  private static PoolingHttpClientConnectionManager connections(SSLContext trust, Limits limits) {
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setDnsResolver(new NoLookUps())
        .setTlsSocketStrategy(new DefaultClientTlsStrategy(trust))
        .setMaxConnTotal(MAX_CONNECTIONS)
        .setMaxConnPerRoute(MAX_TO_ONE)
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(timeout(limits.connect()))
                .setSocketTimeout(timeout(limits.total()))
                .setTimeToLive(Timeout.ofSeconds(30))
                .build())
        .build();
  }

  private static Timeout timeout(Duration duration) {
    return Timeout.of(duration);
  }

  /// The client never looks a host up: a connection whose address was not given is none.
  private static final class NoLookUps implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      throw new UnknownHostException("addresses are given");
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }

  /// Posts and waits for the answer.
  AttemptAnswer send(CallbackUrl url, Map<String, String> headers, byte[] body) {
    List<InetAddress> addresses;
    try {
      addresses =
          url.literal().isPresent() ? List.of(url.literal().get()) : resolver.resolve(url.host());
    } catch (UnknownHostException e) {
      return new AttemptAnswer.Failed("no_permitted_address", false);
    }
    if (addresses.isEmpty() || !addresses.stream().allMatch(one -> guard.permits(url, one))) {
      return new AttemptAnswer.Failed("no_permitted_address", false);
    }
    HttpPost post = new HttpPost(url.target());
    post.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
    headers.forEach(post::setHeader);
    HttpHost receiver =
        new HttpHost(url.secure() ? "https" : "http", addresses.getFirst(), url.host(), url.port());
    Future<?> limit =
        watchdog.schedule(post::abort, limits.total().toMillis(), TimeUnit.MILLISECONDS);
    try {
      return exchange(receiver, post);
    } catch (IOException e) {
      return failed(e, post.isAborted());
    } finally {
      limit.cancel(false);
    }
  }

  private AttemptAnswer exchange(HttpHost receiver, HttpPost post) throws IOException {
    try (ClassicHttpResponse response = client.executeOpen(receiver, post, null)) {
      HttpEntity entity = response.getEntity();
      if (entity != null) {
        InputStream content = entity.getContent();
        var _ = content.readNBytes(MAX_ANSWER_BYTES);
        if (content.read() < 0) {
          // Read to its end, the connection can be used again.
          content.close();
        }
      }
      Header wait = response.getFirstHeader("Retry-After");
      return new AttemptAnswer.Answered(
          response.getCode(),
          wait == null ? Optional.empty() : retryAfter(wait.getValue(), clock.instant()));
    }
  }

  private static AttemptAnswer failed(IOException e, boolean aborted) {
    if (aborted) {
      return new AttemptAnswer.Failed("timeout", true);
    }
    return switch (e) {
      case SSLException _ -> new AttemptAnswer.Failed("tls", false);
      case InterruptedIOException _ -> new AttemptAnswer.Failed("timeout", true);
      case ConnectException _ -> new AttemptAnswer.Failed("connection_refused", false);
      case NoRouteToHostException _ -> new AttemptAnswer.Failed("unreachable", false);
      default -> new AttemptAnswer.Failed("connection_broken", false);
    };
  }

  /// Seconds, or a date of HTTP.
  static Optional<Duration> retryAfter(String text, Instant now) {
    String value = text.strip();
    if (value.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Instant at = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now, at);
      return wait.isNegative() ? Optional.empty() : Optional.of(wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
    client.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
  }
}
