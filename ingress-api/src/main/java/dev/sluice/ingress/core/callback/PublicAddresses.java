package dev.sluice.ingress.core.callback;

import java.util.Arrays;

/// Which addresses belong to somebody else on the public Internet. Of IPv6 only global unicast
/// does, without what carries an IPv4 address inside (6to4, Teredo, ISATAP; NAT64 and the mapped
/// and compatible forms lie outside of global unicast): that inner address could be any.
public final class PublicAddresses {
  private static final Networks GLOBAL_UNICAST = Networks.of("2000::/3");
  private static final Networks SPECIAL =
      Networks.of(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4",
          // Azure serves its metadata from a public address.
          "168.63.129.16/32",
          // IETF protocols, Teredo among them.
          "2001::/23",
          "2001:db8::/32",
          "2002::/16",
          "3fff::/20");
  private static final byte[] ISATAP = {0, 0, 0x5e, (byte) 0xfe};

  private PublicAddresses() {}

  /// @param address 4 or 16 bytes
  public static boolean contain(byte[] address) {
    if (SPECIAL.contains(address)) {
      return false;
    }
    return address.length == 4 || (GLOBAL_UNICAST.contains(address) && !isIsatap(address));
  }

  /// The bit for "universal" may be set in its interface identifier.
  private static boolean isIsatap(byte[] address) {
    byte[] id = Arrays.copyOfRange(address, 8, 12);
    id[0] &= (byte) ~0x02;
    return Arrays.equals(id, ISATAP);
  }
}
