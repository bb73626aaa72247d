package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// When the broker took each record of a call, read afterwards so that reading disturbs nothing.
final class CallTimes implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final String SUBMISSIONS = Topics.jobs(Priority.INTERACTIVE).name();
  private static final String WORK = Topics.workName("mock", Priority.INTERACTIVE);

  /// What lies between two records of a call; each begins where the one before it ends.
  private record Step(String title, ToLongFunction<Call> millis) {}

  private static final List<Step> STEPS =
      List.of(
          new Step("router: submission to work", call -> call.released - call.submitted),
          new Step("worker: work to claim", call -> call.claimed - call.released),
          new Step("worker: claim, call, outcome", call -> call.ended - call.claimed),
          new Step("router: outcome to result", call -> call.told - call.ended));

  private final RecordSerdes serdes;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> all;
  private Map<TopicPartition, Long> begin = Map.of();
  private int calls;

  CallTimes(SluiceProcess sluice) {
    serdes = RecordSerdes.from(SchemaRegistrySettings.at(sluice.admin()));
    consumer = new KafkaClients(sluice.kafka(), Map.of()).reader("sluice-bench-times", Map.of());
    all =
        Stream.of(SUBMISSIONS, WORK, Topics.COMMANDS.name(), Topics.RESULTS.name())
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(one -> new TopicPartition(one.topic(), one.partition()))
            .toList();
    consumer.assign(all);
  }

  /// Only what the broker takes from now on counts.
  void mark() {
    begin = consumer.endOffsets(all);
  }

  /// Times of one call, epoch milliseconds, the last of each kind; 0 while unknown. Nothing fails
  /// and is tried again in these runs.
  private static final class Call {
    private long submitted;
    private long released;
    private long claimed;
    private long ended;
    private long told;

    boolean whole() {
      return submitted > 0 && released > 0 && claimed > 0 && ended > 0 && told > 0;
    }
  }

  /// The mean of each step over all whole calls since the mark, milliseconds, in their order.
  Map<String, Double> meanMillis() {
    Map<String, Call> byJob = new HashMap<>();
    begin.forEach(consumer::seek);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    while (ends.entrySet().stream()
        .anyMatch(at -> consumer.position(at.getKey()) < at.getValue())) {
      consumer.poll(POLL).forEach(record -> take(byJob, record));
    }
    List<Call> whole = byJob.values().stream().filter(Call::whole).toList();
    calls = whole.size();
    Map<String, Double> means = new LinkedHashMap<>();
    for (Step step : STEPS) {
      means.put(step.title, whole.stream().mapToLong(step.millis).average().orElse(Double.NaN));
    }
    return means;
  }

  /// How many calls the means are of.
  int calls() {
    return calls;
  }

  private void take(Map<String, Call> byJob, ConsumerRecord<byte[], byte[]> record) {
    long at = record.timestamp();
    String topic = record.topic();
    if (topic.equals(SUBMISSIONS)) {
      call(byJob, read(Submission.class, record).getJobId()).submitted = at;
    } else if (topic.equals(WORK)) {
      call(byJob, read(Work.class, record).getJobId()).released = at;
    } else if (topic.equals(Topics.RESULTS.name())) {
      call(byJob, read(JobResult.class, record).getJobId()).told = at;
    } else {
      Command command = read(Command.class, record);
      Call call = call(byJob, command.getJobId());
      if (command.getClaim() != null) {
        call.claimed = at;
      } else if (command.getOutcome() != null) {
        call.ended = at;
      }
    }
  }

  private static Call call(Map<String, Call> byJob, String id) {
    return byJob.computeIfAbsent(id, _ -> new Call());
  }

  private <R extends SpecificRecord> R read(Class<R> type, ConsumerRecord<byte[], byte[]> record) {
    return serdes.forRecord(type).deserializer().deserialize(record.topic(), record.value());
  }

  @Override
  public void close() {
    consumer.close();
    serdes.close();
  }
}
