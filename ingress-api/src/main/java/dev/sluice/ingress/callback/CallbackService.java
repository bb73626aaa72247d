package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.Fanout;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.core.callback.UrlGuard;
import dev.sluice.ingress.kafka.LogEnds;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Callbacks of one ingress, a pipeline of its own beside the answers to callers: what happens
/// becomes events ([EventTail]), events become deliveries and those are made until the receiver has
/// them ([DeliveryDesk]). All ingresses share both by groups.
public final class CallbackService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallbackService.class);
  private static final String RESULTS_GROUP = "sluice-callback-results";
  private static final String ALERTS_GROUP = "sluice-callback-alerts";
  private static final String DESK_GROUP = "sluice-callbacks";

  private static final TopicPartition ENDPOINTS =
      new TopicPartition(Topics.WEBHOOK_ENDPOINTS.name(), 0);

  private final ServiceContext context;
  private final CallbackSettings settings;
  private final HostResolver resolver;
  private final CallbackWriter writer;
  private final LogEnds ends;
  private final EndpointStore endpoints;
  private final Optional<Vault> vault;
  private final CallbackMeters meters;
  private final Serde<Callback> serde;
  private final CallbackSender sender;
  private final UrlGuard guard;
  private volatile @Nullable DeliveryHistory history;
  private @Nullable CallbackTail tail;
  private @Nullable EventTail<JobResult> results;
  private @Nullable EventTail<BudgetAlert> alerts;
  private @Nullable DeliveryDesk desk;
  private boolean closed;

  public CallbackService(ServiceContext context, CallbackSettings settings, HostResolver resolver) {
    this.context = context;
    this.settings = settings;
    this.resolver = resolver;
    this.writer = new CallbackWriter(context);
    this.ends = new LogEnds(context.kafka(), "sluice-ingress-callback-ends");
    this.endpoints = new EndpointStore(writer, this::endpointsEnd);
    this.vault = settings.key().map(Vault::of);
    this.meters = new CallbackMeters(context.meters());
    this.serde = context.serdes().forRecord(Callback.class);
    this.guard = new UrlGuard(settings.allowed());
    this.sender =
        new CallbackSender(
            guard, this.resolver, trust(), CallbackSender.Limits.STANDARD, context.clock());
  }

  /// On a connection of its own: those of the readers wait for records most of the time.
  private long endpointsEnd() {
    return ends.of(List.of(ENDPOINTS)).getOrDefault(ENDPOINTS, 0L);
  }

  private static SSLContext trust() {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /// What the HTTP side needs.
  public Callbacks port() {
    return new Callbacks(endpoints, vault, guard, new Port(), this::test);
  }

  /// For other components of this process that raise events.
  public CallbackWriter writer() {
    return writer;
  }

  /// Begins, once the broker is reached.
  ///
  /// @param identity of the log, so that a history of another one is not used
  public synchronized void start(String identity) {
    if (closed || tail != null) {
      return;
    }
    DeliveryHistory opened =
        DeliveryHistory.open(context.stateDir().resolve("deliveries"), identity, serde);
    history = opened;
    tail = new CallbackTail(context, endpoints, opened, meters);
    tail.start();
    if (vault.isEmpty()) {
      LOG.atWarn().log("no callbacks: server.callbacks.secret_key is not set");
      return;
    }
    String instance = instance(context.stateDir());
    Attempts attempts =
        new Attempts(
            endpoints,
            new Secrets(endpoints, vault.get()),
            sender,
            settings.rule(),
            meters,
            context.clock());
    desk =
        new DeliveryDesk(
            context.kafka(),
            new GroupMember(DESK_GROUP, instance),
            settings.bounds(),
            new DeliveryDesk.Tools(
                endpoints,
                writer,
                attempts,
                new LaneLoader(context.kafka(), serde),
                serde,
                meters,
                context.clock()));
    results =
        tail(
            new GroupMember(RESULTS_GROUP, instance),
            new EventTail.Source<>(
                Topics.RESULTS, context.serdes().forRecord(JobResult.class), Occasions::of));
    alerts =
        tail(
            new GroupMember(ALERTS_GROUP, instance),
            new EventTail.Source<>(
                Topics.ALERTS, context.serdes().forRecord(BudgetAlert.class), Occasions::of));
    desk.start();
    results.start();
    alerts.start();
  }

  private <R extends SpecificRecord> EventTail<R> tail(
      GroupMember member, EventTail.Source<R> source) {
    return new EventTail<>(context.kafka(), member, source, endpoints, writer, meters);
  }

  /// This ingress over its restarts; lost with its folder, which costs one session's wait.
  private static String instance(Path stateDir) {
    Path file = stateDir.resolve("instance");
    try {
      Files.createDirectories(stateDir);
      if (!Files.exists(file)) {
        Files.writeString(file, UUID.randomUUID().toString());
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private AttemptAnswer test(Receiver endpoint, String type, String mark, Instant at) {
    Vault keys = vault.orElseThrow();
    String subject = type.substring(0, type.indexOf('.')) + "_test";
    Event event = Event.of(endpoint.tenant(), type, subject + "_" + mark, "test", at);
    Attempts once =
        new Attempts(
            endpoints,
            new Secrets(endpoints, keys),
            sender,
            settings.rule(),
            meters,
            context.clock());
    return once.call(
        Delivery.of(event, new Fanout.Target(endpoint.id(), type), at),
        endpoint.url().orElse(""),
        context.clock().instant());
  }

  /// Deliveries, from the history once there is one.
  private final class Port implements DeliveryLog {
    private DeliveryHistory known() {
      DeliveryHistory opened = history;
      if (opened == null) {
        throw new LogUnavailableException("the log of deliveries is not reached; try again soon");
      }
      return opened;
    }

    @Override
    public List<Callback> ofEndpoint(
        String tenant, String endpointId, Optional<Callback> after, int limit) {
      return known().ofEndpoint(tenant, endpointId, after, limit);
    }

    @Override
    public List<Callback> ofSubject(String tenant, String subject, int limit) {
      return known().ofSubject(tenant, subject, limit);
    }

    @Override
    public Optional<Callback> find(String tenant, String id) {
      return known().find(tenant, id);
    }

    @Override
    public void redeliver(Callback delivery) {
      Delivery anew = CallbackCodec.delivery(delivery).anew(context.clock().instant());
      var _ = CallbackWriter.confirmed(writer.write(CallbackCodec.record(anew)));
    }
  }

  /// Stops as a killed process does, but for its threads.
  public void abandon() {
    close(true);
  }

  @Override
  public void close() {
    close(false);
  }

  private synchronized void close(boolean abandoned) {
    if (closed) {
      return;
    }
    closed = true;
    if (abandoned) {
      // What runs comes to nothing: its outcome finds no log.
      writer.close();
    }
    stop(results, abandoned);
    stop(alerts, abandoned);
    stop(desk, abandoned);
    if (tail != null) {
      tail.close();
    }
    ends.close();
    sender.close();
    writer.close();
    DeliveryHistory opened = history;
    if (opened != null) {
      opened.close();
    }
  }

  private static void stop(@Nullable GroupThread thread, boolean abandoned) {
    if (thread == null) {
      return;
    }
    if (abandoned) {
      thread.abandon();
    } else {
      thread.close();
    }
  }
}
