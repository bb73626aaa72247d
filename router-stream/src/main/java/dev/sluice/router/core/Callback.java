package dev.sluice.router.core;

import java.util.Optional;

/// Who is told that a job has ended; the router passes it on and decides nothing by it.
///
/// @param endpoint path of the job's request
/// @param url the job's own callback URL
/// @param secretId secret for that URL
public record Callback(String endpoint, Optional<String> url, Optional<String> secretId) {}
