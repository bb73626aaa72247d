package dev.sluice.ingress.core;

import java.util.Optional;

/// What a request says about its own callback.
///
/// @param url as the caller wrote it
/// @param secretId secret that shall sign calls to it
public record CallbackWish(String url, Optional<String> secretId) {}
