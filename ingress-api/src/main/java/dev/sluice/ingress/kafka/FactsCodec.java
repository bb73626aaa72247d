package dev.sluice.ingress.kafka;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.EventFilter;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A job's facts on disk. The first byte is the form: an index of another form is dropped and built
/// again from the log, so there is no second one to read.
final class FactsCodec {
  static final int FORM = 5;

  private static final long UNLIMITED = -1;

  private FactsCodec() {}

  static byte[] encode(JobFacts facts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORM);
      out.writeUTF(facts.tenant());
      out.writeBoolean(facts.erased());
      origin(out, facts.origin());
      progress(out, facts.progress());
      filter(out, facts.filter());
      out.writeBoolean(facts.ending().isPresent());
      if (facts.ending().isPresent()) {
        ending(out, facts.ending().get());
      }
      out.writeUTF(facts.joinedTo().map(JobId::text).orElse(""));
      out.writeUTF(facts.copies().of().map(JobId::text).orElse(""));
      out.writeByte(facts.copies().made().size());
      for (JobId copy : facts.copies().made()) {
        out.writeUTF(copy.text());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static JobFacts decode(JobId id, byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int form = in.readByte();
      if (form != FORM) {
        throw new IOException("facts in form " + form);
      }
      String tenant = in.readUTF();
      boolean erased = in.readBoolean();
      JobFacts.Origin origin = origin(in);
      JobFacts.Progress progress = progress(in);
      EventFilter.State filter = filter(in);
      Optional<JobFacts.Ending> ending =
          in.readBoolean() ? Optional.of(ending(in)) : Optional.empty();
      Optional<JobId> joinedTo = JobId.parse(in.readUTF());
      return new JobFacts(
          id, tenant, origin, progress, filter, ending, erased, joinedTo, copies(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JobFacts.Copies copies(DataInputStream in) throws IOException {
    Optional<JobId> of = JobId.parse(in.readUTF());
    List<JobId> made = new ArrayList<>();
    for (int left = in.readByte(); left > 0; left--) {
      JobId.parse(in.readUTF()).ifPresent(made::add);
    }
    return new JobFacts.Copies(of, made);
  }

  private static void origin(DataOutputStream out, JobFacts.Origin origin) throws IOException {
    out.writeUTF(origin.model());
    out.writeUTF(origin.endpoint());
    out.writeUTF(origin.priority().key());
    out.writeLong(origin.deadline().toEpochMilli());
    out.writeShort(origin.tags().size());
    for (var tag : origin.tags().entrySet()) {
      out.writeUTF(tag.getKey());
      out.writeUTF(tag.getValue());
    }
    out.writeBoolean(origin.request().isPresent());
    if (origin.request().isPresent()) {
      JobFacts.Place place = origin.request().get();
      out.writeUTF(place.topic());
      out.writeInt(place.partition());
      out.writeLong(place.offset());
    }
    out.writeLong(origin.size().inputTokens());
    out.writeLong(origin.size().maxOutputTokens().orElse(UNLIMITED));
    out.writeUTF(origin.whose().keyId());
    out.writeUTF(origin.whose().group());
  }

  private static JobFacts.Origin origin(DataInputStream in) throws IOException {
    String model = in.readUTF();
    String endpoint = in.readUTF();
    Priority priority = Priority.of(in.readUTF()).orElse(Priority.STANDARD);
    Instant deadline = Instant.ofEpochMilli(in.readLong());
    Map<String, String> tags = new HashMap<>();
    for (int left = in.readShort(); left > 0; left--) {
      tags.put(in.readUTF(), in.readUTF());
    }
    Optional<JobFacts.Place> request =
        in.readBoolean()
            ? Optional.of(new JobFacts.Place(in.readUTF(), in.readInt(), in.readLong()))
            : Optional.empty();
    long inputTokens = in.readLong();
    long most = in.readLong();
    OptionalLong maxOutputTokens = most == UNLIMITED ? OptionalLong.empty() : OptionalLong.of(most);
    return new JobFacts.Origin(
        model,
        endpoint,
        priority,
        deadline,
        tags,
        request,
        new JobFacts.Size(inputTokens, maxOutputTokens),
        new JobFacts.Whose(in.readUTF(), in.readUTF()));
  }

  private static void progress(DataOutputStream out, JobFacts.Progress progress)
      throws IOException {
    out.writeUTF(progress.status().key());
    out.writeUTF(progress.reason());
    out.writeUTF(progress.heldBy());
    out.writeLong(progress.heldUntil().toEpochMilli());
    out.writeUTF(progress.pool());
    out.writeUTF(progress.providerModel());
    out.writeLong(progress.startedAt().toEpochMilli());
    out.writeInt(progress.attempt());
    RouteChoices.write(out, progress.choice());
  }

  private static JobFacts.Progress progress(DataInputStream in) throws IOException {
    return new JobFacts.Progress(
        status(in),
        in.readUTF(),
        in.readUTF(),
        Instant.ofEpochMilli(in.readLong()),
        in.readUTF(),
        in.readUTF(),
        Instant.ofEpochMilli(in.readLong()),
        in.readInt(),
        RouteChoices.read(in));
  }

  private static void filter(DataOutputStream out, EventFilter.State filter) throws IOException {
    out.writeInt(filter.ordinal());
    out.writeInt(filter.transition());
    out.writeInt(filter.live().attempt());
    out.writeLong(filter.live().claimId());
    out.writeInt(filter.shown().attempt());
    out.writeLong(filter.shown().claimId());
    out.writeInt(filter.nextPart());
    out.writeBoolean(filter.ended());
  }

  private static EventFilter.State filter(DataInputStream in) throws IOException {
    return new EventFilter.State(
        in.readInt(), in.readInt(), claim(in), claim(in), in.readInt(), in.readBoolean());
  }

  private static EventFilter.Claim claim(DataInputStream in) throws IOException {
    return new EventFilter.Claim(in.readInt(), in.readLong());
  }

  private static void ending(DataOutputStream out, JobFacts.Ending ending) throws IOException {
    out.writeUTF(ending.status().key());
    out.writeLong(ending.finishedAt().toEpochMilli());
    out.writeLong(ending.expiresAt().toEpochMilli());
    out.writeLong(ending.offset());
    out.writeInt(ending.summary().length);
    out.write(ending.summary());
  }

  private static JobFacts.Ending ending(DataInputStream in) throws IOException {
    Status status = status(in);
    Instant finished = Instant.ofEpochMilli(in.readLong());
    Instant expires = Instant.ofEpochMilli(in.readLong());
    long offset = in.readLong();
    byte[] summary = in.readNBytes(in.readInt());
    return new JobFacts.Ending(status, finished, expires, offset, summary);
  }

  private static Status status(DataInputStream in) throws IOException {
    String key = in.readUTF();
    return Status.of(key).orElseThrow(() -> new IOException("no status " + key));
  }
}
