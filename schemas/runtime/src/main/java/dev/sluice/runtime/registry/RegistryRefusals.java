package dev.sluice.runtime.registry;

import dev.sluice.contract.serde.SchemaRegistryException;

/// Confluent's refusals, word for word and number for number: clients match on both.
final class RegistryRefusals {
  private RegistryRefusals() {}

  static SchemaRegistryException subjectNotFound(String subject) {
    return new SchemaRegistryException(
        SchemaRegistryException.SUBJECT_NOT_FOUND, "Subject '" + subject + "' not found.");
  }

  static SchemaRegistryException versionNotFound(int version) {
    return new SchemaRegistryException(
        SchemaRegistryException.VERSION_NOT_FOUND, "Version " + version + " not found.");
  }

  static SchemaRegistryException schemaNotFound() {
    return new SchemaRegistryException(
        SchemaRegistryException.SCHEMA_NOT_FOUND, "Schema not found");
  }

  static SchemaRegistryException schemaNotFound(int id) {
    return new SchemaRegistryException(
        SchemaRegistryException.SCHEMA_NOT_FOUND, "Schema " + id + " not found");
  }

  static SchemaRegistryException subjectDeleted(String subject) {
    return new SchemaRegistryException(
        40404,
        "Subject '" + subject + "' was soft deleted. Set permanent=true to delete permanently");
  }

  static SchemaRegistryException subjectNotDeleted(String subject) {
    return new SchemaRegistryException(
        40405, "Subject '" + subject + "' was not deleted first before being permanently deleted");
  }

  static SchemaRegistryException versionDeleted(String subject, int version) {
    return new SchemaRegistryException(
        40406,
        "Subject '%s' Version %d was soft deleted. Set permanent=true to delete permanently"
            .formatted(subject, version));
  }

  static SchemaRegistryException versionNotDeleted(String subject, int version) {
    return new SchemaRegistryException(
        40407,
        "Subject '%s' Version %d was not deleted first before being permanently deleted"
            .formatted(subject, version));
  }

  static SchemaRegistryException noLevel(String subject) {
    return new SchemaRegistryException(
        40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static SchemaRegistryException noMode(String subject) {
    return new SchemaRegistryException(
        40409, "Subject '" + subject + "' does not have subject-level mode configured");
  }

  static SchemaRegistryException incompatible(String subject, Iterable<String> details) {
    return new SchemaRegistryException(
        SchemaRegistryException.INCOMPATIBLE,
        "Schema being registered is incompatible with an earlier schema for subject \""
            + subject
            + "\", details: ["
            + String.join(", ", details)
            + "]");
  }

  static SchemaRegistryException invalidSchema(String why) {
    return new SchemaRegistryException(
        SchemaRegistryException.INVALID_SCHEMA, "Invalid schema: " + why);
  }

  static SchemaRegistryException invalidVersion(String version) {
    return new SchemaRegistryException(
        42202,
        "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
            .formatted(version));
  }

  static SchemaRegistryException invalidLevel() {
    return new SchemaRegistryException(
        42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");
  }

  static SchemaRegistryException invalidSubject(String subject) {
    return new SchemaRegistryException(
        42208, "The specified subject '" + subject + "' is not a valid.");
  }

  static SchemaRegistryException storeFailed(RuntimeException cause) {
    return new SchemaRegistryException(
        50001, "Error in the backend data store: " + cause.getClass().getSimpleName());
  }
}
