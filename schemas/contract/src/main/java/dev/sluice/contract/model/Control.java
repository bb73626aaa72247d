package dev.sluice.contract.model;

import java.time.Instant;

/// Somebody's word that something is held back until it is taken back.
///
/// @param note what whoever did it wants others to know; empty for nothing
/// @param by id of the API key that did it
public record Control(Target target, Mode mode, String note, String by, Instant since) {

  /// How something is held back.
  public enum Mode {
    /// Nothing new is released; what waits keeps its place.
    PAUSED,
    /// Of a pool: nothing new is released to it, and what waits goes elsewhere where it can.
    DRAINING
  }

  /// What is held back.
  public sealed interface Target {
    /// Its name in the whole cluster.
    String key();

    /// Its name as callers see it, such as `group:run-7`.
    String label();
  }

  public record Tenant(String id) implements Target {
    @Override
    public String key() {
      return "tenant/" + id;
    }

    @Override
    public String label() {
      return "tenant:" + id;
    }
  }

  public record Group(String tenant, String name) implements Target {
    @Override
    public String key() {
      return "group/" + tenant + "/" + name;
    }

    @Override
    public String label() {
      return "group:" + name;
    }
  }

  public record Job(String tenant, JobId id) implements Target {
    @Override
    public String key() {
      return "job/" + tenant + "/" + id.text();
    }

    @Override
    public String label() {
      return "job:" + id.text();
    }
  }

  public record Pool(String id) implements Target {
    @Override
    public String key() {
      return "pool/" + id;
    }

    @Override
    public String label() {
      return "pool:" + id;
    }
  }
}
