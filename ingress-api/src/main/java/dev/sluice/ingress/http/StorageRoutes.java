package dev.sluice.ingress.http;

import dev.sluice.contract.model.Scope;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.util.Optional;

/// The routes of files, uploads and batches.
final class StorageRoutes {

  private StorageRoutes() {}

  static void add(Routes routes, Surroundings around, Once once) {
    Ids ids = new Ids();
    Files files = new Files(around, ids, once);
    routes
        .add(
            "/v1/files",
            streamed("files.create", Surface.OPENAI, files::create),
            openAi("files.list", Methods.GET, Scope.READ, files::list))
        .add(
            "/v1/files/{}",
            openAi("file", Methods.GET, Scope.READ, files::one),
            openAi("file.delete", Methods.DELETE, Scope.CANCEL, files::delete))
        .add(
            "/v1/files/{}/content",
            openAi("file.content", Methods.GET, Scope.READ, files::content));
    Uploads uploads = new Uploads(around, ids, once);
    routes
        .add("/v1/uploads", openAi("uploads", Methods.POST, Scope.SUBMIT, uploads::create))
        .add("/v1/uploads/{}/parts", streamed("upload.part", Surface.OPENAI, uploads::addPart))
        .add(
            "/v1/uploads/{}/complete",
            openAi("upload.complete", Methods.POST, Scope.SUBMIT, uploads::complete))
        .add(
            "/v1/uploads/{}/cancel",
            openAi("upload.cancel", Methods.POST, Scope.SUBMIT, uploads::cancel));
    Batches batches = new Batches(around, ids, once);
    routes
        .add(
            "/v1/batches",
            openAi("batches", Methods.POST, Scope.SUBMIT, batches::create),
            openAi("batches.list", Methods.GET, Scope.READ, batches::list))
        .add("/v1/batches/{}", openAi("batch", Methods.GET, Scope.READ, batches::one))
        .add(
            "/v1/batches/{}/cancel",
            openAi("batch.cancel", Methods.POST, Scope.CANCEL, once.again(batches::cancel)));
    MessageBatches messages = new MessageBatches(around, ids, once);
    messageBatches(routes, "/v1", messages, once);
    messageBatches(routes, "/anthropic/v1", messages, once);
  }

  private static void messageBatches(
      Routes routes, String prefix, MessageBatches batches, Once once) {
    routes
        .add(
            prefix + "/messages/batches",
            streamed("message_batches", Surface.ANTHROPIC, batches::create),
            anthropic("message_batches.list", Methods.GET, Scope.READ, batches::list))
        .add(
            prefix + "/messages/batches/{}",
            anthropic("message_batch", Methods.GET, Scope.READ, batches::one),
            anthropic("message_batch.delete", Methods.DELETE, Scope.CANCEL, batches::delete))
        .add(
            prefix + "/messages/batches/{}/cancel",
            anthropic(
                "message_batch.cancel", Methods.POST, Scope.CANCEL, once.again(batches::cancel)))
        .add(
            prefix + "/messages/batches/{}/results",
            anthropic("message_batch.results", Methods.GET, Scope.READ, batches::results));
  }

  private static Route openAi(String name, HttpString method, Scope scope, Endpoint endpoint) {
    return new Route(name, method, Surface.OPENAI, Optional.of(scope), endpoint);
  }

  private static Route anthropic(String name, HttpString method, Scope scope, Endpoint endpoint) {
    return new Route(name, method, Surface.ANTHROPIC, Optional.of(scope), endpoint);
  }

  private static Route streamed(String name, Surface surface, Endpoint endpoint) {
    return new Route(name, Methods.POST, surface, Optional.of(Scope.SUBMIT), endpoint, true);
  }
}
