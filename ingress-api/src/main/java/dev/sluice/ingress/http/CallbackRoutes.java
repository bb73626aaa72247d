package dev.sluice.ingress.http;

import dev.sluice.contract.model.Scope;
import dev.sluice.ingress.callback.Callbacks;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.Optional;

/// Every route about callbacks.
final class CallbackRoutes {

  private CallbackRoutes() {}

  static void add(Routes routes, Surroundings around, Jobs jobs, Once once) {
    Callbacks callbacks = around.callbacks();
    EndpointChanges changes = new EndpointChanges(callbacks, once);
    WebhookEndpoints endpoints = new WebhookEndpoints(callbacks, changes, around.clock());
    CallbackSecrets secrets = new CallbackSecrets(callbacks, changes, around.clock());
    Deliveries deliveries = new Deliveries(callbacks, jobs, once);
    routes
        .add(
            "/v1/webhook_endpoints",
            vendor("webhooks.create", Methods.POST, endpoints::create),
            vendor("webhooks.list", Methods.GET, endpoints::list))
        .add(
            "/v1/webhook_endpoints/{}",
            vendor("webhook", Methods.GET, endpoints::one),
            vendor("webhook.change", Methods.POST, endpoints::change),
            vendor("webhook.delete", Methods.DELETE, endpoints::delete))
        .add(
            "/v1/webhook_endpoints/{}/rotate_secret",
            vendor("webhook.rotate", Methods.POST, endpoints::rotate))
        .add("/v1/webhook_endpoints/{}/test", vendor("webhook.test", Methods.POST, endpoints::test))
        .add(
            "/v1/webhook_endpoints/{}/deliveries",
            vendor("webhook.deliveries", Methods.GET, deliveries::ofEndpoint))
        .add("/v1/jobs/{}/deliveries", plain("job.deliveries", Methods.GET, deliveries::ofJob))
        .add("/v1/callback_deliveries/{}", plain("delivery", Methods.GET, deliveries::one))
        .add(
            "/v1/callback_deliveries/{}/redeliver",
            plain("delivery.again", Methods.POST, deliveries::again))
        .add(
            "/v1/callback_secrets",
            plain("secrets.create", Methods.POST, secrets::create),
            plain("secrets.list", Methods.GET, secrets::list))
        .add("/v1/callback_secrets/{}", plain("secret.delete", Methods.DELETE, secrets::delete))
        .add(
            "/v1/callback_secrets/{}/rotate_secret",
            plain("secret.rotate", Methods.POST, secrets::rotate));
  }

  private static Route vendor(String name, HttpString method, Endpoint endpoint) {
    return route(name, method, Surface.OPENAI, endpoint);
  }

  private static Route plain(String name, HttpString method, Endpoint endpoint) {
    return route(name, method, Surface.NATIVE, endpoint);
  }

  private static Route route(String name, HttpString method, Surface surface, Endpoint endpoint) {
    Scope scope = method.equals(Methods.GET) ? Scope.READ : Scope.SUBMIT;
    return new Route(name, method, surface, Optional.of(scope), endpoint);
  }
}
