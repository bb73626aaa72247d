package dev.sluice.runtime.registry;

/// One version of a subject as the registry holds it.
///
/// @param text canonical text of the schema
record SchemaVersion(String subject, int version, int id, String text, Visibility visibility) {

  enum Visibility {
    LIVE,
    /// Hidden until asked for with `deleted=true`; its id stays readable.
    DELETED,
    /// Hidden for good; its id stays readable and neither id nor version is given again.
    PURGED
  }

  boolean live() {
    return visibility == Visibility.LIVE;
  }

  SchemaVersion with(Visibility other) {
    return new SchemaVersion(subject, version, id, text, other);
  }
}
