package dev.sluice.ingress.json;

import dev.sluice.ingress.core.RefusedException;

/// The body of a call that holds something back: nothing, or a note for others.
public final class NoteForm {
  private static final int MAX_CHARACTERS = 256;

  private String note = "";

  private NoteForm() {}

  /// The note; empty for none.
  ///
  /// @throws RefusedException when it is no such body
  public static String read(byte[] body) {
    NoteForm form = new NoteForm();
    if (body.length > 0) {
      StrictJson.read(
          body,
          (member, value) -> {
            if (!member.equals("note")) {
              throw Fields.wrong("/" + member, "is not a member; there is only note");
            }
            form.note = Fields.isNull(value) ? "" : Fields.text(value, "/note", MAX_CHARACTERS);
          });
    }
    return form.note;
  }
}
