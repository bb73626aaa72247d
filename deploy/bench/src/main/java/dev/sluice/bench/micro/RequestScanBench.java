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
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: application/json\r\n"
          + "Authorization: Bearer sk-sluice-bench-key-0123456789\r\n"
          + "Content-Type: application/json\r\nUser-Agent: OpenAI/JS 5.12.2\r\n"
          + "X-Stainless-Arch: x64\r\nX-Stainless-Lang: js\r\nX-Stainless-OS: Linux\r\n"
          + "X-Stainless-Package-Version: 5.12.2\r\nX-Stainless-Retry-Count: 0\r\n"
          + "X-Stainless-Runtime: node\r\nX-Stainless-Runtime-Version: v22.14.0\r\n"
          + "X-Stainless-Timeout: 600\r\nAccept-Language: *\r\nSec-Fetch-Mode: cors\r\n"
          + "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
          + "Content-Length: 2048\r\n\r\n";

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
