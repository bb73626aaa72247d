package dev.sluice.ingress.log;

/// W3C trace context of a request, passed on as it came; empty texts where there was none.
public record TraceContext(String traceparent, String tracestate) {
  public static final TraceContext NONE = new TraceContext("", "");
}
