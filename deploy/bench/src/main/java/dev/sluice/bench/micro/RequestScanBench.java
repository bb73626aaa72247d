package dev.sluice.bench.micro;

import dev.sluice.ingress.core.RequestScan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What reading along with a request costs: the head of OpenAI's SDK, and a body of 2 KiB.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RequestScanBench {
  private static final String HEAD =
      String.join(
          "\r\n",
          "POST /v1/chat/completions HTTP/1.1",
          "Host: 127.0.0.1:8080",
          "Accept: application/json",
          "Authorization: Bearer sk-sluice-bench-key-0123456789",
          "Content-Type: application/json",
          "User-Agent: OpenAI/JS 5.12.2",
          "X-Stainless-Arch: x64",
          "X-Stainless-Lang: js",
          "X-Stainless-OS: Linux",
          "X-Stainless-Package-Version: 5.12.2",
          "X-Stainless-Retry-Count: 0",
          "X-Stainless-Runtime: node",
          "X-Stainless-Runtime-Version: v22.14.0",
          "X-Stainless-Timeout: 600",
          "Accept-Language: *",
          "Sec-Fetch-Mode: cors",
          "Accept-Encoding: gzip, deflate",
          "Connection: keep-alive",
          "Content-Length: 2048",
          "",
          "");

  private final RequestScan scan = new RequestScan(32 * 1024);
  private final ByteBuffer request = request();

  private static ByteBuffer request() {
    byte[] bytes = (HEAD + "x".repeat(2_048)).getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  @Benchmark
  public int scan() {
    scan.next();
    return scan.scan(request, 0, request.limit());
  }
}
