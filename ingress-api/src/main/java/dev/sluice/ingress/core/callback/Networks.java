package dev.sluice.ingress.core.callback;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/// Networks in CIDR notation. Immutable.
public final class Networks {
  public static final Networks NONE = new Networks(List.of());

  private final List<Network> all;

  private record Network(InetAddress first, int bits) {
    boolean contains(byte[] address) {
      byte[] prefix = first.getAddress();
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit += 8) {
        int mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit)) & 0xff;
        if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  private Networks(List<Network> all) {
    this.all = all;
  }

  /// @throws IllegalArgumentException when one of them is not a network
  public static Networks of(List<String> cidrs) {
    return new Networks(cidrs.stream().map(Networks::parse).toList());
  }

  static Networks of(String... cidrs) {
    return of(Arrays.asList(cidrs));
  }

  private static Network parse(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("not a network: " + cidr);
    }
    InetAddress first = InetAddress.ofLiteral(cidr.substring(0, slash));
    int bits = Integer.parseInt(cidr.substring(slash + 1));
    if (bits < 0 || bits > first.getAddress().length * 8) {
      throw new IllegalArgumentException("not a network: " + cidr);
    }
    return new Network(first, bits);
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  /// @param address 4 or 16 bytes
  public boolean contains(byte[] address) {
    return all.stream().anyMatch(network -> network.contains(address));
  }
}
