package dev.sluice.ingress.json;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import java.util.HashMap;
import java.util.Map;

/// `x-sluice-tags: k=v,…`: tags for callers whose body has no room for them.
public final class TagsHeader {
  private TagsHeader() {}

  /// The tags of the body and those of the header, which win.
  ///
  /// @throws RefusedException when the header cannot be read
  public static Map<String, String> merged(Map<String, String> fromBody, String header) {
    if (header.isBlank()) {
      return fromBody;
    }
    Map<String, String> tags = new HashMap<>(fromBody);
    for (String pair : header.split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw unreadable();
      }
      try {
        Fields.putTag(
            tags, pair.substring(0, equals).strip(), pair.substring(equals + 1).strip(), "/tags");
      } catch (RefusedException _) {
        throw unreadable();
      }
    }
    return tags;
  }

  private static RefusedException unreadable() {
    return new RefusedException(
        Refusal.of(
            ErrorCode.BAD_HEADER,
            "x-sluice-tags is name=value,name=value: at most 16 pairs, names of 1 to 64 and values"
                + " of at most 512 characters"));
  }
}
