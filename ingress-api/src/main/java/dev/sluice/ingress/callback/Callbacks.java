package dev.sluice.ingress.callback;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.CallbackWish;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.callback.CallbackUrl;
import dev.sluice.ingress.core.callback.UrlGuard;
import java.time.Duration;
import java.util.Optional;

/// What the HTTP side needs of callbacks.
///
/// @param vault empty where this Sluice has no key for signing secrets
public record Callbacks(
    EndpointStore endpoints,
    Optional<Vault> vault,
    UrlGuard guard,
    DeliveryLog deliveries,
    TestCall test) {

  /// The vault.
  ///
  /// @throws RefusedException where there is none
  public Vault requireVault() {
    return vault.orElseThrow(() ->
        new RefusedException(
            new Refusal(
                ErrorCode.UNAVAILABLE,
                "this Sluice has no server.callbacks.secret_key, so it sends no callbacks",
                "",
                Duration.ZERO)));
  }

  /// A URL as it is kept.
  ///
  /// @param pointer of the field
  /// @throws RefusedException when callbacks may not go there
  public String url(String text, String pointer) {
    CallbackUrl url =
        CallbackUrl.parse(text)
            .orElseThrow(() ->
                denied(
                    pointer,
                    "must be a plain https URL: no user, no fragment, a name or an address in its"
                        + " usual notation"));
    guard
        .objection(url)
        .ifPresent(objection -> {
          throw denied(pointer, objection);
        });
    return url.canonical();
  }

  private static RefusedException denied(String pointer, String what) {
    return new RefusedException(
        new Refusal(
            ErrorCode.CALLBACK_DENIED,
            pointer.substring(1).replace('/', '.') + " " + what,
            pointer,
            Duration.ZERO));
  }

  /// A job's own callback, checked.
  ///
  /// @throws RefusedException when it cannot be called or signed
  public CallbackWish checked(String tenant, CallbackWish wish) {
    var _ = requireVault();
    String url = url(wish.url(), "/callback_url");
    wish.secretId()
        .filter(id -> endpoints.find(tenant, id).isEmpty())
        .ifPresent(_ -> {
          throw new RefusedException(
              Refusal.field(
                  "/callback_secret_id",
                  "callback_secret_id names no callback secret and no webhook endpoint"));
        });
    return new CallbackWish(url, wish.secretId());
  }
}
