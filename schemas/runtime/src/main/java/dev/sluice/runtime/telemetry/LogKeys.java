package dev.sluice.runtime.telemetry;

/// Keys of structured log lines. Prompts, outputs and keys are never logged.
public final class LogKeys {
  public static final String JOB_ID = "jobId";
  public static final String TENANT_ID = "tenantId";
  public static final String ATTEMPT = "attempt";
  public static final String WORKER = "worker";
  public static final String POOL = "pool";
  public static final String MODEL = "model";
  public static final String TOPIC = "topic";
  public static final String PARTITION = "partition";
  public static final String OFFSET = "offset";
  public static final String ERROR_CODE = "errorCode";
  public static final String SERVICE = "service";
  public static final String COUNT = "count";
  public static final String DURATION_MILLIS = "durationMillis";
  public static final String VERSION = "version";

  private LogKeys() {}
}
