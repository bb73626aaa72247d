package dev.sluice.ingress.core.callback;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/// Something that happened, to be told to whoever asked.
///
/// @param id the same however often the event is raised
/// @param type its name
/// @param vendorType the vendor's name of it, where there is one
/// @param subject what it is about, such as a job's id
/// @param status of the subject
/// @param url the subject's own callback URL
/// @param secretId secret for that URL
/// @param details what the receiver is told of the subject, JSON; empty where its id is enough
public record Event(
    String id,
    String tenant,
    String type,
    Optional<String> vendorType,
    String subject,
    String status,
    Instant createdAt,
    Optional<String> url,
    Optional<String> secretId,
    Optional<String> details) {
  private static final int ID_BYTES = 16;

  /// An event of the subject; its id follows from the tenant, the subject and the name.
  public static Event of(String tenant, String type, String subject, String status, Instant at) {
    return new Event(
        "evt_" + digest(tenant, subject, type),
        tenant,
        type,
        Optional.empty(),
        subject,
        status,
        at,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// The same, with more to say.
  public Event saying(String json) {
    return new Event(
        id, tenant, type, vendorType, subject, status, createdAt, url, secretId, Optional.of(json));
  }

  public Event alsoCalled(Optional<String> name) {
    return new Event(id, tenant, type, name, subject, status, createdAt, url, secretId, details);
  }

  public Event toldTo(Optional<String> ownUrl, Optional<String> ownSecret) {
    return new Event(
        id, tenant, type, vendorType, subject, status, createdAt, ownUrl, ownSecret, details);
  }

  /// The id of this event's delivery to one receiver.
  public String deliveryId(String receiver) {
    return "del_" + digest(tenant, id, receiver);
  }

  private static String digest(String... parts) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
