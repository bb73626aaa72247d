package dev.sluice.router.topology;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Repeats;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The shell of one router task: decodes a record, hands it to the desk, and lets time pass. A
/// record that cannot be used is set aside with its reason and the partition goes on.
final class RouterProcessor implements Processor<byte[], byte[], byte[], Output> {
  private static final Duration TICK = Duration.ofMillis(10);

  private final RouterSerdes serdes;
  private final TransitionStores stores;
  private final Fences fences;
  private final FailingRecords failing;
  private final TaskView view;
  private final Supplier<KafkaConsumer<byte[], byte[]>> readers;
  private final InstantSource clock;
  private final RouterMeters meters;
  private final Duration resultRetention;
  private final Duration repeatWindow;
  private final DemandBoard demands;
  private final BudgetBoard budgets;

  private @Nullable RouterDesk desk;
  private @Nullable LogReader reader;
  private @Nullable TaskLog log;
  private boolean owner;

  RouterProcessor(Parts parts) {
    this.serdes = parts.serdes();
    this.stores = parts.stores();
    this.fences = parts.fences();
    this.failing = parts.failing();
    this.view = parts.view();
    this.readers = parts.readers();
    this.clock = parts.clock();
    this.meters = parts.meters();
    this.resultRetention = parts.resultRetention();
    this.repeatWindow = parts.repeatWindow();
    this.demands = parts.demands();
    this.budgets = parts.budgets();
  }

  /// What every task of a process shares.
  record Parts(
      RouterSerdes serdes,
      TransitionStores stores,
      Fences fences,
      FailingRecords failing,
      TaskView view,
      Supplier<KafkaConsumer<byte[], byte[]>> readers,
      InstantSource clock,
      RouterMeters meters,
      Duration resultRetention,
      Duration repeatWindow,
      DemandBoard demands,
      BudgetBoard budgets) {}

  @Override
  public void init(ProcessorContext<byte[], Output> context) {
    int partition = context.taskId().partition();
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(RouterTopology.STORE);
    LogReader logReader = new LogReader(readers);
    TransitionStore raw = stores.of(context.taskId());
    TaskLog taskLog =
        new TaskLog(
            store,
            raw,
            serdes.transition(),
            new TopicPartition(Topics.ROUTER_LOG.name(), partition),
            fences,
            logReader);
    RouterDesk opened =
        new RouterDesk(
            new RouterDesk.Tools(
                taskLog,
                logReader,
                new Outbox(serdes, resultRetention),
                serdes,
                view,
                clock,
                meters,
                new TopicPartition(Topics.COMMANDS.name(), partition),
                new Repeats(repeatWindow),
                demands,
                budgets),
            new ForwardingSender(context));
    raw.onCommit(opened::committed);
    reader = logReader;
    log = taskLog;
    desk = opened;
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, _ -> ownedDesk().tick());
    this.context = context;
  }

  private @Nullable ProcessorContext<byte[], Output> context;

  /// The desk, after this task has taken its log over. That cannot happen in `init`, where sinks
  /// may not be ready yet.
  private RouterDesk ownedDesk() {
    RouterDesk opened = desk;
    if (opened == null) {
      throw new IllegalStateException("processor used before init");
    }
    if (!owner) {
      opened.takeOver();
      owner = true;
      meters.tookOver();
    }
    return opened;
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RouterDesk opened = ownedDesk();
    RecordMetadata metadata = recordMetadata();
    LogPosition position =
        new LogPosition(metadata.topic(), metadata.partition(), metadata.offset());
    if (record.value() == null) {
      opened.poison(position, ErrorCode.DECODE_ERROR, "the record has no value", record);
      return;
    }
    Optional<String> stubborn = failing.givenUp(position);
    if (stubborn.isPresent()) {
      opened.poison(position, ErrorCode.INTERNAL_ERROR, stubborn.get(), record);
      return;
    }
    SpecificRecord input;
    try {
      input = decoded(position.topic(), record.value());
    } catch (SerializationException e) {
      opened.poison(position, ErrorCode.DECODE_ERROR, String.valueOf(e.getMessage()), record);
      return;
    }
    try {
      take(opened, input, record, position);
    } catch (UnusableRecordException e) {
      opened.poison(position, ErrorCode.POISON, String.valueOf(e.getMessage()), record);
    } catch (RuntimeException e) {
      failing.failed(position, e);
      throw e;
    }
  }

  private SpecificRecord decoded(String topic, byte[] value) {
    return Inputs.index(topic) == Inputs.COMMANDS
        ? serdes.command().deserializer().deserialize(topic, value)
        : serdes.submission().deserializer().deserialize(topic, value);
  }

  private static void take(
      RouterDesk desk, SpecificRecord input, Record<byte[], byte[]> record, LogPosition position) {
    long at = Inputs.appendedAt(position.topic(), record.timestamp());
    Instant taken = Instant.ofEpochMilli(at);
    switch (input) {
      case Submission submission -> {
        desk.input(submission.getJobId(), record.headers(), at);
        desk.submission(submission, position, Inputs.index(position.topic()), taken);
      }
      case Command command when command.getGroup() != null -> {
        desk.input("", record.headers(), at);
        desk.groupCommand(command, position, taken);
      }
      case Command command -> {
        JobId id = Commands.jobId(command.getJobId());
        desk.input(command.getJobId(), record.headers(), at);
        desk.command(id, command, position, taken);
      }
      default -> throw new IllegalStateException("no input: " + input.getSchema().getFullName());
    }
  }

  private RecordMetadata recordMetadata() {
    if (context == null) {
      throw new IllegalStateException("processor used before init");
    }
    return context.recordMetadata().orElseThrow();
  }

  @Override
  public void close() {
    if (log != null) {
      log.close();
    }
    if (reader != null) {
      reader.close();
    }
    if (desk != null) {
      desk.giveUp();
    }
    if (owner) {
      meters.gaveUp();
    }
  }
}
