/// HTTP: framing, authentication, one class for each endpoint.
@NullMarked
package dev.sluice.ingress.http;

import org.jspecify.annotations.NullMarked;
