package dev.sluice.ingress.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What an ingress knows of a job: everything that can be shown without reading a body. Grows only
/// by the `with` methods, which mirror what the log says.
///
/// @param origin what was asked
/// @param progress where it is
/// @param filter what watchers have seen
/// @param ending how it ended, once the terminal record was read
/// @param erased whether it must look as if it had never been
/// @param joinedTo the job that this id is another name of, because its submission was a repeat
/// @param copies what it has to do with shadow copies
public record JobFacts(
    JobId id,
    String tenant,
    Origin origin,
    Progress progress,
    EventFilter.State filter,
    Optional<Ending> ending,
    boolean erased,
    Optional<JobId> joinedTo,
    Copies copies) {

  /// A job that has nothing to do with shadow copies.
  public JobFacts(
      JobId id,
      String tenant,
      Origin origin,
      Progress progress,
      EventFilter.State filter,
      Optional<Ending> ending,
      boolean erased,
      Optional<JobId> joinedTo) {
    this(id, tenant, origin, progress, filter, ending, erased, joinedTo, Copies.NONE);
  }

  /// @param of the job that this one is a copy of; empty when it is none
  /// @param made ids of this one's own copies
  public record Copies(Optional<JobId> of, List<JobId> made) {
    public static final Copies NONE = new Copies(Optional.empty(), List.of());

    public Copies {
      made = List.copyOf(made);
    }

    Copies and(JobId copy) {
      return made.contains(copy)
          ? this
          : new Copies(of, Stream.concat(made.stream(), Stream.of(copy)).toList());
    }
  }

  /// @param model as the caller named it; empty when the log does not say
  /// @param request where the submission is; empty as long as its writer has not said so
  /// @param size how large it is
  /// @param whose who asked, beyond the tenant
  public record Origin(
      String model,
      String endpoint,
      Priority priority,
      Instant deadline,
      Map<String, String> tags,
      Optional<Place> request,
      Size size,
      Whose whose) {
    public Origin {
      tags = Map.copyOf(tags);
    }

    /// The same job, as urgent as this from now on.
    public Origin asUrgentAs(Priority other, Instant until) {
      return new Origin(model, endpoint, other, until, tags, request, size, whose);
    }

    /// The same with what only the request says, as another job of the same request knows it.
    public Origin ofRequest(Origin other) {
      return new Origin(
          model, other.endpoint, priority, deadline, other.tags, request, other.size, whose);
    }

    /// Of a job whose submission cannot be found yet.
    public Origin(
        String model,
        String endpoint,
        Priority priority,
        Instant deadline,
        Map<String, String> tags,
        Size size,
        Whose whose) {
      this(model, endpoint, priority, deadline, tags, Optional.empty(), size, whose);
    }
  }

  /// @param keyId id of the API key; empty when none was named
  /// @param group agent run; empty when it belongs to none
  public record Whose(String keyId, String group) {
    public static final Whose UNKNOWN = new Whose("", "");
  }

  /// @param inputTokens estimate of the prompt, tokens
  /// @param maxOutputTokens the caller's limit, tokens
  public record Size(long inputTokens, OptionalLong maxOutputTokens) {
    public static final Size UNKNOWN = new Size(0, OptionalLong.empty());
  }

  /// Where a record of the log is.
  public record Place(String topic, int partition, long offset) {}

  /// @param reason why it is held or why it changed; empty when there is nothing to say
  /// @param heldBy the limit that holds it; empty when none does
  /// @param heldUntil when it may go on, as far as is known; else [Instant#EPOCH]
  /// @param pool empty before it runs
  /// @param startedAt [Instant#EPOCH] before it runs
  /// @param choice why that pool, or why none
  public record Progress(
      Status status,
      String reason,
      String heldBy,
      Instant heldUntil,
      String pool,
      String providerModel,
      Instant startedAt,
      int attempt,
      RouteChoice choice) {
    public static final Progress QUEUED = new Progress(Status.QUEUED, "", "", "", Instant.EPOCH, 0);

    /// Not held, and without a word on the choice of the pool.
    public Progress(
        Status status,
        String reason,
        String pool,
        String providerModel,
        Instant startedAt,
        int attempt) {
      this(
          status,
          reason,
          "",
          Instant.EPOCH,
          pool,
          providerModel,
          startedAt,
          attempt,
          RouteChoice.UNTOLD);
    }
  }

  /// @param offset where the terminal record is in the job's results partition
  /// @param summary the terminal record without its bodies, as the log encodes it
  @SuppressWarnings(
      "ArrayRecordComponent") // read-only by agreement: copied from the log, never changed
  public record Ending(
      Status status, Instant finishedAt, Instant expiresAt, long offset, byte[] summary) {}

  /// A limit as records have it.
  public static OptionalLong limit(@Nullable Long tokens) {
    return tokens == null ? OptionalLong.empty() : OptionalLong.of(tokens);
  }

  /// A job of which nothing has been read yet.
  public static JobFacts unread(JobId id, String tenant) {
    Origin unknown =
        new Origin("", "", Priority.STANDARD, Instant.EPOCH, Map.of(), Size.UNKNOWN, Whose.UNKNOWN);
    return new JobFacts(
        id,
        tenant,
        unknown,
        Progress.QUEUED,
        EventFilter.State.START,
        Optional.empty(),
        false,
        Optional.empty(),
        Copies.NONE);
  }

  /// The same job, of which there is a copy.
  public JobFacts copiedBy(JobId copy) {
    return new JobFacts(
        id, tenant, origin, progress, filter, ending, erased, joinedTo, copies.and(copy));
  }

  /// The same job, known to be a copy.
  public JobFacts copyOf(JobId primary) {
    return new JobFacts(
        id,
        tenant,
        origin,
        progress,
        filter,
        ending,
        erased,
        joinedTo,
        new Copies(Optional.of(primary), List.of()));
  }

  public JobFacts withOrigin(Origin known) {
    return new JobFacts(id, tenant, known, progress, filter, ending, erased, joinedTo, copies);
  }

  public JobFacts withFilter(EventFilter.State seen) {
    return new JobFacts(id, tenant, origin, progress, seen, ending, erased, joinedTo, copies);
  }

  public JobFacts withProgress(Progress now, EventFilter.State seen) {
    return new JobFacts(id, tenant, origin, now, seen, ending, erased, joinedTo, copies);
  }

  public JobFacts withEnding(Ending how) {
    return new JobFacts(
        id, tenant, origin, progress, filter, Optional.of(how), erased, joinedTo, copies);
  }

  /// The same id as another name of a job.
  public JobFacts joined(JobId first) {
    return new JobFacts(
        id, tenant, origin, progress, filter, ending, erased, Optional.of(first), copies);
  }

  /// The same job, gone: only its name is kept, so that it cannot come back.
  public JobFacts withoutTrace() {
    return new JobFacts(
        id,
        tenant,
        unread(id, tenant).origin(),
        progress,
        filter,
        Optional.empty(),
        true,
        joinedTo,
        copies);
  }

  /// Whether it is one of its tenant's jobs: admitted, not erased, and no other job's name.
  public boolean listed() {
    return !erased && joinedTo.isEmpty() && !origin.model().isEmpty();
  }

  /// The terminal record decides; before it, the last state that the router told.
  public Status status() {
    return ending.map(Ending::status).orElse(progress.status());
  }

  /// Whether the job is over and its terminal record can be read.
  public boolean finished() {
    return ending.isPresent();
  }

  /// Changes whenever what a caller can see changes.
  public String etag() {
    String seen = filter.ordinal() + "-" + status().key() + (finished() ? "-f" : "");
    return "\"" + seen + (copies.made().isEmpty() ? "" : "-s" + copies.made().size()) + "\"";
  }
}
