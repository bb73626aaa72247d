package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.wire.JsonMembers;
import dev.sluice.worker.wire.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Puts the job's id in the place of the provider's, in answers that pass in their own dialect: the
/// caller asks for them by that id. Every other byte stays as it came.
///
/// @param holder member of an event that holds the object with the id
/// @param edits members of that object, as JSON text
public record JobNames(String holder, Map<String, byte[]> edits) {

  private static final List<String> KEPT = List.of("background", "previous_response_id");

  public JobNames {
    edits = Map.copyOf(edits);
  }

  /// @param request the caller's body; what was kept from the provider stands in the answer again
  public static JobNames of(Endpoint endpoint, String jobId, byte[] request) {
    String tail = jobId.substring(jobId.indexOf('_') + 1);
    if (endpoint == Endpoint.MESSAGES) {
      return new JobNames("message", Map.of("id", JsonText.quote("msg_" + tail)));
    }
    Map<String, byte[]> edits = new LinkedHashMap<>();
    edits.put("id", JsonText.quote("resp_" + tail));
    JsonMembers asked = JsonMembers.of(request);
    for (String kept : KEPT) {
      asked.find(kept).ifPresent(member -> edits.put(kept, asked.value(member)));
    }
    return new JobNames("response", edits);
  }

  /// A whole answer.
  public byte[] answer(byte[] body) {
    return JsonMembers.of(body).with(edits);
  }

  /// An event of a stream.
  public byte[] event(byte[] event) {
    JsonMembers members = JsonMembers.of(event);
    var held = members.find(holder);
    return held.isEmpty() ? event : members.with(Map.of(holder, answer(members.value(held.get()))));
  }
}
