package dev.sluice.contract.topic;

import dev.sluice.contract.avro.ApiKeyRecord;
import dev.sluice.contract.avro.AuditEvent;
import dev.sluice.contract.avro.BatchEntry;
import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.ControlRecord;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.FileEntry;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobRequest;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.LedgerMark;
import dev.sluice.contract.avro.PolicySnapshot;
import dev.sluice.contract.avro.QueueLine;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.avro.SchemaEntry;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.WebhookEndpoint;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topic.Cleanup;
import dev.sluice.contract.topic.Topic.Partitions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;

/// Every topic of Sluice, in the order data travels them. Topics are created from this file and
/// `docs/topics.md` is generated from it.
public final class Topics {

  /// Applies to records, in bytes: bodies above it are refused with 413.
  public static final int MAX_RECORD_BYTES = 4 * 1024 * 1024;

  private static final String INTAKE_PREFIX = "sluice.intake.";
  private static final Duration RESULT_RETENTION = Duration.ofDays(30);
  private static final Duration INPUT_RETENTION = Duration.ofDays(8);
  private static final Duration HAND_OFF_RETENTION = Duration.ofDays(1);
  private static final Duration BATCH_RETENTION = Duration.ofDays(60);
  private static final Duration LEDGER_RETENTION = Duration.ofDays(400);

  public static final Topic FILES =
      new Topic(
          "sluice.files",
          "tenant/id",
          FileEntry.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "ingress → ingress (read_committed)",
          "files and uploads: what they are and where in the blob store their bytes are");

  public static final Topic BATCHES =
      new Topic(
          "sluice.batches",
          "batch id/request, wish or progress",
          BatchEntry.getClassSchema(),
          Partitions.ROUTER,
          Optional.of(BATCH_RETENTION),
          Cleanup.COMPACT_DELETE,
          true,
          "ingress → ingress (read_committed)",
          "batches: what was asked, and how far the one runner of each is");

  private static final Topic JOBS =
      new Topic(
          "sluice.jobs.<priority>",
          "tenant shard",
          Submission.getClassSchema(),
          Partitions.ROUTER,
          Optional.of(INPUT_RETENTION),
          Cleanup.DELETE,
          true,
          "ingress → router",
          "accepted jobs, one topic a priority class");

  private static final Topic INTAKE =
      new Topic(
          "sluice.intake.<tenant>",
          "the producer's own",
          JobRequest.getClassSchema(),
          Partitions.ROUTER,
          Optional.of(INPUT_RETENTION),
          Cleanup.DELETE,
          true,
          "public: the tenant → ingress",
          "jobs that a tenant asks for; who may write here is that tenant");

  public static final Topic COMMANDS =
      new Topic(
          "sluice.commands",
          "tenant shard",
          Command.getClassSchema(),
          Partitions.ROUTER,
          Optional.of(INPUT_RETENTION),
          Cleanup.DELETE,
          true,
          "workers, ingress → router",
          "claims, outcomes, cancels, erasures: all else that changes a job");

  private static final Topic WORK =
      new Topic(
          "sluice.work.<pool>.<priority>",
          "job id",
          Work.getClassSchema(),
          Partitions.ONE,
          Optional.of(HAND_OFF_RETENTION),
          Cleanup.DELETE,
          true,
          "router → workers",
          "released attempts, handed off through one share group a topic");

  public static final Topic INBOX =
      new Topic(
          "sluice.inbox",
          "worker",
          InboxMessage.getClassSchema(),
          Partitions.REPLY,
          Optional.of(HAND_OFF_RETENTION),
          Cleanup.DELETE,
          true,
          "router → workers",
          "verdicts on claims, and cancels");

  public static final Topic EVENTS =
      new Topic(
          "sluice.events",
          "job id",
          JobEvent.getClassSchema(),
          Partitions.REPLY,
          Optional.of(RESULT_RETENTION),
          Cleanup.DELETE,
          true,
          "router, workers → ingress",
          "states and deltas of jobs, in the partition their id names");

  public static final Topic RESULTS =
      new Topic(
          "sluice.results",
          "job id",
          JobResult.getClassSchema(),
          Partitions.REPLY,
          Optional.of(RESULT_RETENTION),
          Cleanup.DELETE,
          true,
          "router → ingress",
          "the one terminal record of each job, in the partition its id names");

  public static final Topic WEBHOOK_ENDPOINTS =
      new Topic(
          "sluice.webhook-endpoints",
          "tenant / id",
          WebhookEndpoint.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "ingress",
          "registered receivers of callbacks and their secrets, encrypted");

  public static final Topic CALLBACKS =
      new Topic(
          "sluice.callbacks",
          "event id or delivery id; the tenant names the partition",
          Callback.getClassSchema(),
          Partitions.REPLY,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "ingress → ingress (read_committed)",
          "callbacks that are not over yet: what is due, and when");

  public static final Topic CALLBACKS_LOG =
      new Topic(
          "sluice.callbacks.log",
          "delivery id; the tenant names the partition",
          Callback.getClassSchema(),
          Partitions.REPLY,
          Optional.of(RESULT_RETENTION),
          Cleanup.DELETE,
          true,
          "ingress",
          "every attempt to deliver a callback");

  private static final Topic TENANT_EVENTS =
      new Topic(
          "sluice.events.<tenant>",
          "job id",
          JobEvent.getClassSchema(),
          Partitions.REPLY,
          Optional.of(RESULT_RETENTION),
          Cleanup.DELETE,
          false,
          "public: the tenant (read_committed)",
          "states and deltas of one tenant's jobs, without repeats");

  private static final Topic TENANT_RESULTS =
      new Topic(
          "sluice.results.<tenant>",
          "job id",
          JobResult.getClassSchema(),
          Partitions.REPLY,
          Optional.of(RESULT_RETENTION),
          Cleanup.DELETE,
          false,
          "public: the tenant (read_committed)",
          "the one terminal record of each job of one tenant, once");

  public static final Topic LEDGER =
      new Topic(
          "sluice.ledger",
          "tenant",
          Settlement.getClassSchema(),
          Partitions.METERING,
          Optional.of(LEDGER_RETENTION),
          Cleanup.DELETE,
          true,
          "router → metering",
          "one settle record for each attempt that called");

  public static final Topic COSTS =
      new Topic(
          "sluice.costs",
          "tenant",
          CostRow.getClassSchema(),
          Partitions.METERING,
          Optional.of(LEDGER_RETENTION),
          Cleanup.DELETE,
          false,
          "public: finance (read_committed)",
          "one row for each attempt and each charge, exactly once");

  public static final Topic COSTS_HOURLY = costBuckets("hourly");
  public static final Topic COSTS_DAILY = costBuckets("daily");
  public static final Topic COSTS_MONTHLY = costBuckets("monthly");

  public static final Topic COMPARISONS =
      new Topic(
          "sluice.comparisons",
          "hour | model | role | pool | provider model | ledger partition",
          ComparedRoute.getClassSchema(),
          Partitions.METERING,
          Optional.of(Duration.ofDays(90)),
          Cleanup.COMPACT_DELETE,
          false,
          "metering → ingress (read_committed)",
          "what the routes of copied jobs and of their shadow copies came to; the last record of a"
              + " key is the total");

  public static final Topic WORKERS =
      new Topic(
          "sluice.workers",
          "process id",
          Beat.getClassSchema(),
          Partitions.ONE,
          Optional.of(Duration.ofHours(1)),
          Cleanup.DELETE,
          true,
          "workers, routers → routers, workers",
          "signs of life of workers with how they see their pools, and the ticks by which routers"
              + " count, with what their tasks want");

  public static final Topic QUEUES =
      new Topic(
          "sluice.queues",
          "router partition | pool | class | tenant",
          QueueLine.getClassSchema(),
          Partitions.ONE,
          Optional.of(Duration.ofDays(1)),
          Cleanup.COMPACT_DELETE,
          true,
          "router → ingress",
          "who waits where and how fast it moves, told about once a second while somebody waits");

  public static final Topic QUOTAS =
      new Topic(
          "sluice.quotas",
          "tenant; of tasks beyond its first, tenant and task; of a tag's value, tenant, task and limit",
          QuotaState.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "router → ingress",
          "what tenants have used of their limits, told when it changes, at most five times a second");

  public static final Topic BUDGETS =
      new Topic(
          "sluice.budgets",
          "tenant, task and budget",
          ShardUse.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "router → router",
          "what shards of tenants have used of budgets with alerts, so that one task knows the sum");

  public static final Topic ALERTS =
      new Topic(
          "sluice.alerts",
          "tenant",
          BudgetAlert.getClassSchema(),
          Partitions.ONE,
          Optional.of(LEDGER_RETENTION),
          Cleanup.DELETE,
          true,
          "public: the operator",
          "parts of budgets that were used, once a period each");

  public static final Topic POLICY =
      new Topic(
          "sluice.policy",
          "policy",
          PolicySnapshot.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "operator → all",
          "tenants, pools, models and prices in force");

  public static final Topic KEYS =
      new Topic(
          "sluice.keys",
          "tenant/id",
          ApiKeyRecord.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "operator → ingress",
          "API keys issued at run time, as hashes; who may write here can let anyone in");

  public static final Topic CONTROLS =
      new Topic(
          "sluice.controls",
          "kind/tenant/name",
          ControlRecord.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "ingress → routers, ingress",
          "what is paused or drained: tenants, groups, jobs and pools, until it is resumed");

  public static final Topic DLQ =
      new Topic(
          "sluice.dlq",
          "source topic",
          DeadLetter.getClassSchema(),
          Partitions.ONE,
          Optional.of(RESULT_RETENTION),
          Cleanup.DELETE,
          true,
          "all → operator",
          "records that could not be used, with the reason");

  public static final Topic AUDIT =
      new Topic(
          "sluice.audit",
          "tenant",
          AuditEvent.getClassSchema(),
          Partitions.ONE,
          Optional.of(LEDGER_RETENTION),
          Cleanup.DELETE,
          true,
          "all → operator",
          "what was tried and refused, such as a job in another tenant's name");

  public static final Topic SCHEMAS =
      new Topic(
          "sluice.schemas",
          "kind, version and subject",
          SchemaEntry.getClassSchema(),
          Partitions.ONE,
          Optional.empty(),
          Cleanup.COMPACT,
          true,
          "built-in registry",
          "schemas of the built-in registry; Avro's single-object encoding, since the framing of"
              + " all other topics refers to it");

  /// The router's replicated state machine. Kafka Streams names it after the application and the
  /// store, and creates it.
  public static final Topic ROUTER_LOG =
      new Topic(
          "sluice.router-transitions-changelog",
          "job id; `~owner`, `~committed`; `~use/`, `~value/`, `~order/` and whose; `=` and an answer's",
          RouterTransition.getClassSchema(),
          Partitions.ROUTER,
          Optional.empty(),
          Cleanup.COMPACT,
          false,
          "router",
          "one record for each transition of a job; a router's state is rebuilt from it");

  public static final Topic METERING_COUNTED =
      meteringLog(
          "counted",
          "job id, 16 bytes",
          CountedEntries.getClassSchema(),
          "what of each job is counted, so that a repeat in the ledger adds nothing");

  public static final Topic METERING_TOTALS =
      meteringLog(
          "totals",
          "period | period start | tenant | model | key | tags",
          CostBucket.getClassSchema(),
          "running totals");

  public static final Topic METERING_COMPARED =
      meteringLog(
          "compared",
          "hour | model | role | pool | provider model | ledger partition",
          ComparedRoute.getClassSchema(),
          "running totals of compared routes");

  public static final Topic METERING_PROGRESS =
      meteringLog(
          "progress",
          "ledger",
          LedgerMark.getClassSchema(),
          "how far each partition of the ledger is counted");

  private Topics() {}

  public static Topic jobs(Priority priority) {
    return JOBS.named("sluice.jobs." + priority.key());
  }

  public static Topic work(String pool, Priority priority) {
    return WORK.named(workName(pool, priority));
  }

  /// Where a tenant's jobs are produced to.
  public static Topic intake(String tenant) {
    return INTAKE.named(INTAKE_PREFIX + tenant);
  }

  /// The tenant of an intake topic.
  public static String tenantOfIntake(String topic) {
    return topic.substring(INTAKE_PREFIX.length());
  }

  public static Topic eventsOf(String tenant) {
    return TENANT_EVENTS.named(EVENTS.name() + "." + tenant);
  }

  public static Topic resultsOf(String tenant) {
    return TENANT_RESULTS.named(RESULTS.name() + "." + tenant);
  }

  /// Topics of one tenant's own.
  public static List<Topic> ofTenant(Policy.Tenant tenant) {
    List<Topic> own = new java.util.ArrayList<>(3);
    if (tenant.kafka().submit()) {
      own.add(intake(tenant.id()));
    }
    if (tenant.kafka().events()) {
      own.add(eventsOf(tenant.id()));
    }
    if (tenant.kafka().results()) {
      own.add(resultsOf(tenant.id()));
    }
    return own;
  }

  public static String workName(String pool, Priority priority) {
    return "sluice.work." + pool + "." + priority.key();
  }

  /// Topics that exist whatever the policy says.
  public static List<Topic> fixed() {
    return List.of(
        FILES,
        BATCHES,
        jobs(Priority.INTERACTIVE),
        jobs(Priority.STANDARD),
        jobs(Priority.BATCH),
        COMMANDS,
        INBOX,
        EVENTS,
        RESULTS,
        WEBHOOK_ENDPOINTS,
        CALLBACKS,
        CALLBACKS_LOG,
        LEDGER,
        COSTS,
        COSTS_HOURLY,
        COSTS_DAILY,
        COSTS_MONTHLY,
        COMPARISONS,
        WORKERS,
        QUEUES,
        QUOTAS,
        BUDGETS,
        ALERTS,
        POLICY,
        KEYS,
        CONTROLS,
        DLQ,
        AUDIT,
        SCHEMAS);
  }

  /// Topics of one pool.
  public static List<Topic> ofPool(String pool) {
    return List.of(
        work(pool, Priority.INTERACTIVE),
        work(pool, Priority.STANDARD),
        work(pool, Priority.BATCH));
  }

  /// Every topic and family as documented, in the order data travels them.
  public static List<Topic> documented() {
    return List.of(
        FILES,
        BATCHES,
        INTAKE,
        JOBS,
        COMMANDS,
        ROUTER_LOG,
        WORK,
        INBOX,
        EVENTS,
        RESULTS,
        WEBHOOK_ENDPOINTS,
        CALLBACKS,
        CALLBACKS_LOG,
        TENANT_EVENTS,
        TENANT_RESULTS,
        LEDGER,
        METERING_PROGRESS,
        METERING_COUNTED,
        METERING_TOTALS,
        METERING_COMPARED,
        COSTS,
        COSTS_HOURLY,
        COSTS_DAILY,
        COSTS_MONTHLY,
        COMPARISONS,
        WORKERS,
        QUEUES,
        QUOTAS,
        BUDGETS,
        ALERTS,
        POLICY,
        KEYS,
        CONTROLS,
        DLQ,
        AUDIT,
        SCHEMAS);
  }

  /// State of metering. Kafka Streams names it after the application and the store, and creates it.
  private static Topic meteringLog(String store, String key, Schema schema, String purpose) {
    return new Topic(
        "sluice.metering-" + store + "-changelog",
        key,
        schema,
        Partitions.METERING,
        Optional.empty(),
        Cleanup.COMPACT,
        false,
        "metering",
        purpose);
  }

  private static Topic costBuckets(String period) {
    return new Topic(
        "sluice.costs." + period,
        "period start | tenant | model | key | tags",
        CostBucket.getClassSchema(),
        Partitions.METERING,
        Optional.empty(),
        Cleanup.COMPACT,
        false,
        "public: finance (read_committed)",
        "running totals; the last record of a key is the total");
  }
}
