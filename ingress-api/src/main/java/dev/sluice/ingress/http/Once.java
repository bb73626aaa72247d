package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BlobPart;
import dev.sluice.contract.avro.CallOutcome;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Fingerprint;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.log.KeyLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// `Idempotency-Key` on calls that make something other than a job. The first call under a key
/// writes down what it makes before it makes it; one that is sent again finds that, makes it if the
/// first did not come so far, and answers with it. See ADR 0021. Safe for use by many threads.
final class Once {
  private final Surroundings around;

  Once(Surroundings around) {
    this.around = around;
  }

  /// What a call makes, its times and its key still missing.
  ///
  /// @param thing id of what it makes or changes
  static KeyedCall making(String thing) {
    KeyedCall call = new KeyedCall();
    call.setThing(thing);
    return call;
  }

  /// Makes what a call is about.
  interface Maker {
    KeyedCall make() throws IOException;
  }

  /// What a call is about.
  ///
  /// @param call what it makes, as the first call under its key has it
  /// @param again whether that was an earlier call
  record Made(KeyedCall call, boolean again) {}

  /// The digest of a call whose body is in memory.
  static ByteBuffer fingerprint(Call call) {
    return Fingerprint.of(call.path(), call.body());
  }

  /// What the first call under this call's key makes; what this one makes where it has no key, or
  /// is the first.
  ///
  /// @param fingerprint of the request
  /// @param maker asked only where no earlier call is known
  /// @throws RefusedException when the key belongs to another request
  Made first(Call call, ByteBuffer fingerprint, Maker maker) throws IOException {
    Optional<String> name = RepeatMarks.header(call);
    if (name.isEmpty()) {
      return new Made(maker.make(), false);
    }
    Instant now = around.clock().instant();
    String tenant = call.principal().tenant();
    ByteBuffer key = Fingerprint.of("", name.get().getBytes(StandardCharsets.UTF_8));
    KeyLog log = around.storage().keys();
    Optional<KeyedCall> known = log.holder(tenant, key, now);
    if (known.isPresent()) {
      return matching(known.get(), fingerprint);
    }
    KeyedCall mine = maker.make();
    mine.setTenant(tenant);
    mine.setKey(key);
    mine.setFingerprint(fingerprint);
    mine.setAt(now);
    mine.setUntil(now.plus(around.config().storage().keyed()));
    return log.write(mine)
        .map(earlier -> matching(earlier, fingerprint))
        .orElseGet(() -> new Made(mine, false));
  }

  private static Made matching(KeyedCall holder, ByteBuffer fingerprint) {
    if (!holder.getFingerprint().equals(fingerprint)) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.IDEMPOTENCY_KEY_REUSED,
              "this idempotency key belongs to another request; send a new key with a new"
                  + " request"));
    }
    return new Made(holder, true);
  }

  /// The same for a call that has written bytes, which go where another call counts. Where it is
  /// not known which one does they stay, for the sweep to judge.
  Made first(Call call, ByteBuffer fingerprint, KeyedCall mine, List<BlobPart> bytes)
      throws IOException {
    Made made;
    try {
      made = first(call, fingerprint, () -> mine);
    } catch (RefusedException e) {
      around.storage().drop(bytes);
      throw e;
    }
    if (made.again()) {
      around.storage().drop(bytes);
    }
    return made;
  }

  /// The keys under which a thing was made or changed are free again.
  void free(String tenant, String thing) {
    around.storage().keys().free(tenant, thing);
  }

  /// Does what a call is about where that is not known from the log, such as to call somebody.
  interface Act {
    /// @param call its times set, and its key where it has one; what it does must follow from it
    CallOutcome act(KeyedCall call);
  }

  /// Acts, and gives what came of it; where that is known of an earlier call under the key, gives
  /// that. One that died between acting and writing so is made again, with the same call.
  ///
  /// @param maker asked only where no earlier call is known; may refuse
  CallOutcome done(Call call, Maker maker, Act act) throws IOException {
    KeyedCall first = first(call, fingerprint(call), maker).call();
    CallOutcome known = first.getOutcome();
    if (known != null) {
      return known;
    }
    if (first.getKey() == null) {
      first.setAt(around.clock().instant());
      return act.act(first);
    }
    KeyedCall done = KeyedCall.newBuilder(first).build();
    done.setOutcome(act.act(first));
    around.storage().keys().finish(done);
    return done.getOutcome();
  }

  /// For a call that may be made again as it is: only that its key is no other request's.
  Endpoint again(Endpoint endpoint) {
    return call -> {
      var _ = first(call, fingerprint(call), () -> making(call.variable()));
      endpoint.serve(call);
    };
  }
}
