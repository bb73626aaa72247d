package dev.sluice.ingress.http;

import static dev.sluice.ingress.http.Surface.ANTHROPIC;
import static dev.sluice.ingress.http.Surface.OPENAI;

import dev.sluice.contract.model.Scope;
import dev.sluice.ingress.json.Endpoints;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.List;
import java.util.Optional;

/// The routes on which the vendors' clients call: those whose requests are jobs, the models, and
/// the responses that are kept.
final class VendorRoutes {
  private final Surroundings around;
  private final Submitter submitter;
  private final Conversations conversations;
  private final Admission admission;
  private final CallerProbe probe;
  private final RouteMeters meters;

  VendorRoutes(
      Surroundings around,
      Submitter submitter,
      Conversations conversations,
      Admission admission,
      CallerProbe probe,
      RouteMeters meters) {
    this.around = around;
    this.submitter = submitter;
    this.conversations = conversations;
    this.admission = admission;
    this.probe = probe;
    this.meters = meters;
  }

  void openAi(Routes routes) {
    for (String path :
        List.of(
            Endpoints.CHAT, Endpoints.COMPLETIONS, Endpoints.EMBEDDINGS, Endpoints.MODERATIONS)) {
      routes.add(path, submits(path, OPENAI, completions(path)));
    }
    Models models = new Models(around.policy());
    routes
        .add("/v1/models", ofAnyKey("models", OPENAI, models::list))
        .add("/v1/models/{}", ofAnyKey("model", OPENAI, models::one));
  }

  void anthropic(Routes routes) {
    for (String path : List.of(Endpoints.MESSAGES, Endpoints.COUNT_TOKENS)) {
      Endpoint endpoint = completions(path);
      routes
          .add(path, submits(path, ANTHROPIC, endpoint))
          .add("/anthropic" + path, submits(path, ANTHROPIC, endpoint));
    }
    AnthropicModels models = new AnthropicModels(around.policy());
    routes
        .add("/anthropic/v1/models", ofAnyKey("models", ANTHROPIC, models::list))
        .add("/anthropic/v1/models/{}", ofAnyKey("model", ANTHROPIC, models::one));
  }

  /// @param cancel and
  /// @param erase what also happens to jobs
  /// @param once for keys of calls that make no job
  void responses(Routes routes, Responses responses, CancelJob cancel, EraseJob erase, Once once) {
    ResponseReplay replay = new ResponseReplay(around, probe, meters);
    Endpoint create =
        new CreateResponse(
            submitter,
            admission,
            responses,
            conversations,
            replay,
            completions(Endpoints.RESPONSES));
    String one = Endpoints.RESPONSES + "/{}";
    routes
        .add(Endpoints.RESPONSES, submits(Endpoints.RESPONSES, OPENAI, create))
        // Verbs of OpenAI's where an id would stand.
        .add(Endpoints.RESPONSES + "/input_tokens")
        .add(Endpoints.RESPONSES + "/compact")
        .add(
            one,
            of(
                "response",
                Methods.GET,
                Scope.READ,
                new ReadResponse(around.log(), responses, replay)),
            of(
                "response.delete",
                Methods.DELETE,
                Scope.CANCEL,
                new DeleteResponse(responses, erase)))
        .add(
            one + "/cancel",
            of(
                "response.cancel",
                Methods.POST,
                Scope.CANCEL,
                once.again(new CancelResponse(responses, cancel))))
        .add(
            one + "/input_items",
            of("response.input", Methods.GET, Scope.READ, new ListInputItems(responses)));
  }

  private CompletionEndpoint completions(String path) {
    return new CompletionEndpoint(path, around, submitter, admission, probe, meters);
  }

  private static Route submits(String path, Surface surface, Endpoint endpoint) {
    return new Route(path, Methods.POST, surface, Optional.of(Scope.SUBMIT), endpoint);
  }

  private static Route of(String name, HttpString method, Scope scope, Endpoint endpoint) {
    return new Route(name, method, OPENAI, Optional.of(scope), endpoint);
  }

  private static Route ofAnyKey(String name, Surface surface, Endpoint endpoint) {
    return new Route(name, Methods.GET, surface, Optional.empty(), endpoint);
  }
}
