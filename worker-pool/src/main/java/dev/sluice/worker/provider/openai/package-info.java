/// Any server that speaks the OpenAI surface over HTTP.
@NullMarked
package dev.sluice.worker.provider.openai;

import org.jspecify.annotations.NullMarked;
