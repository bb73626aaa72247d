package dev.sluice.ingress.core.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlGuardTest {
  private static final UrlGuard CLOSED = new UrlGuard(Networks.NONE);
  private static final UrlGuard OPEN =
      new UrlGuard(Networks.of(List.of("127.0.0.0/8", "10.1.0.0/16", "fd00::/8")));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://hooks.example.com",
        "https://hooks.example.com./a",
        "https://hooks.example.com:8443/a?b=c%20d",
        "HTTPS://Hooks.Example.COM/",
        "https://8.8.8.8/hook",
        "https://[2606:4700::1111]/hook",
        "https://xn--bcher-kva.example/"
      })
  void permitsHttpsToTheInternet(String text) {
    CallbackUrl url = CallbackUrl.parse(text).orElseThrow();

    assertTrue(CLOSED.objection(url).isEmpty(), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "ftp://hooks.example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user@hooks.example.com/",
        "https://user:pass@hooks.example.com/",
        "https://@hooks.example.com/",
        "https://8.8.8.8@127.0.0.1/",
        "https://127.0.0.1#@8.8.8.8/",
        "https://hooks.example.com/#fragment",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:port/",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com /",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: x",
        "https://hööks.example/",
        "https://hooks.example.com../",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://127.0.0.1.1/",
        "https://127.0.0.1./",
        "https://127.0.0.256/",
        "https://127.0.0.01/",
        "https://127.0.0.0x1/",
        "https://1.0x7f000001/",
        "https://%31%32%37.0.0.1/",
        "https://[::1%25lo]/",
        "https://[::1/",
        "https://[127.0.0.1]/",
        "https://::1/"
      })
  void refusesWhatTwoReadersCouldUnderstandDifferently(String text) {
    assertTrue(CallbackUrl.parse(text).flatMap(url -> objectionOrNone(url)).isEmpty(), text);
  }

  /// The URL if nothing speaks against it.
  private static java.util.Optional<CallbackUrl> objectionOrNone(CallbackUrl url) {
    return CLOSED.objection(url).isEmpty()
        ? java.util.Optional.of(url)
        : java.util.Optional.empty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:80/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://a.localhost/",
        "https://127.0.0.1/",
        "https://127.255.255.254/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.0.0.192/",
        "https://192.168.1.1/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://168.63.129.16/",
        "https://[::]/",
        "https://[::1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[fe80::1]/",
        "https://[fec0::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[ff02::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:8.8.8.8]:22/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::8.8.8.8]/",
        "https://[64:ff9b:1::1]/",
        "https://[2002:7f00:1::]/",
        "https://[2002:808:808::1]/",
        "https://[2001:0:7f00:1::1]/",
        "https://[2001:db8::1]/",
        "https://[2606:4700::5efe:7f00:1]/",
        "https://[2606:4700::200:5efe:7f00:1]/",
        "https://[3fff::1]/",
        "https://[100::1]/"
      })
  void refusesEverythingElse(String text) {
    CallbackUrl url = CallbackUrl.parse(text).orElseThrow(() -> new AssertionError(text));

    assertTrue(CLOSED.objection(url).isPresent(), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:3000/hook",
        "http://127.8.9.10/",
        "http://localhost:3000/",
        "https://10.1.2.3:9443/",
        "http://[fd00::1]:80/",
        "http://[::ffff:127.0.0.1]:8080/",
        // Its address may be inside; that shows when it is looked up.
        "http://receiver.internal:3000/"
      })
  void permitsHttpAndAnyPortInsideAllowedNetworks(String text) {
    assertTrue(OPEN.objection(CallbackUrl.parse(text).orElseThrow()).isEmpty(), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.2.0.1/",
        "https://10.2.0.1/",
        "http://[::1]/",
        "http://8.8.8.8/",
        "https://[::1]/"
      })
  void anAllowedNetworkOpensNoOther(String text) {
    assertTrue(OPEN.objection(CallbackUrl.parse(text).orElseThrow()).isPresent(), text);
  }

  @Test
  void decidesByTheAddressThatANameLeadsTo() {
    CallbackUrl secure = CallbackUrl.parse("https://hooks.example.com/").orElseThrow();
    CallbackUrl plain = CallbackUrl.parse("http://hooks.example.com:3000/").orElseThrow();

    assertTrue(CLOSED.permits(secure, address("8.8.8.8")));
    assertFalse(CLOSED.permits(secure, address("127.0.0.1")));
    assertFalse(CLOSED.permits(secure, address("::ffff:127.0.0.1")));
    assertFalse(CLOSED.permits(secure, address("64:ff9b::a00:1")));
    assertFalse(OPEN.permits(plain, address("8.8.8.8")));
    assertTrue(OPEN.permits(plain, address("127.0.0.1")));
    assertTrue(OPEN.permits(secure, address("8.8.8.8")));
  }

  @Test
  void spellsTheSameUrlOneWay() {
    assertEquals(
        "https://hooks.example.com/",
        CallbackUrl.parse("HTTPS://Hooks.Example.com.:443").orElseThrow().canonical());
    assertEquals(
        "http://[0:0:0:0:0:0:0:1]:8080/A?B",
        CallbackUrl.parse("http://[0:0:0:0:0:0:0:1]:8080/A?B").orElseThrow().canonical());
  }

  @Test
  void readsNetworksBitByBit() {
    Networks networks = Networks.of(List.of("192.168.4.0/22", "2001:db8::/33"));

    assertTrue(networks.contains(address("192.168.7.255").getAddress()));
    assertFalse(networks.contains(address("192.168.8.0").getAddress()));
    assertTrue(networks.contains(address("2001:db8:7fff::1").getAddress()));
    assertFalse(networks.contains(address("2001:db8:8000::1").getAddress()));
    assertTrue(Networks.of(List.of("0.0.0.0/0")).contains(address("1.2.3.4").getAddress()));
  }

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
