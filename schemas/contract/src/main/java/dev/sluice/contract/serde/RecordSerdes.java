package dev.sluice.contract.serde;

import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.serde.SchemaRegistrySettings.SerdeClasses;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/// Gives the serde of each record class. Services take serdes from here only, so that one setting
/// swaps the registry client or the serde itself for all of them.
///
/// Safe for use by many threads. Closing it closes the registry client.
public final class RecordSerdes implements AutoCloseable {
  private final SchemaRegistry registry;
  private final Optional<Foreign> foreign;
  private final ConcurrentHashMap<Class<?>, Serde<?>> serdeByRecord = new ConcurrentHashMap<>();

  /// Someone else's serde, with all the properties it gets.
  private record Foreign(String serializer, String deserializer, Map<String, String> properties) {}

  private RecordSerdes(SchemaRegistry registry, Optional<Foreign> foreign) {
    this.registry = registry;
    this.foreign = foreign;
  }

  /// Sluice's own serde over a registry, such as the built-in one of the same process.
  public static RecordSerdes over(SchemaRegistry registry) {
    return new RecordSerdes(registry, Optional.empty());
  }

  /// The registry client and serde that the settings name. Nothing is sent yet.
  ///
  /// @throws IllegalArgumentException when a named class cannot be used
  public static RecordSerdes from(SchemaRegistrySettings settings) {
    SchemaRegistry registry =
        settings
            .registryClass()
            .map(name -> instance(name, SchemaRegistry.class, settings))
            .orElseGet(() -> new ConfluentSchemaRegistry(settings));
    return new RecordSerdes(registry, settings.serde().map(classes -> foreign(settings, classes)));
  }

  /// The serde of a record class: the same one at each call.
  @SuppressWarnings("unchecked")
  public <T extends SpecificRecord> Serde<T> forRecord(Class<T> type) {
    return (Serde<T>) serdeByRecord.computeIfAbsent(type, _ -> create(type));
  }

  public SchemaRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    serdeByRecord.values().forEach(Serde::close);
    registry.close();
  }

  private <T extends SpecificRecord> Serde<T> create(Class<T> type) {
    return foreign
        .<Serde<T>>map(classes -> foreignSerde(classes))
        .orElseGet(() -> new AvroSerde<>(type, registry));
  }

  @SuppressWarnings("unchecked")
  private static <T extends SpecificRecord> Serde<T> foreignSerde(Foreign classes) {
    Serde<T> serde =
        Serdes.serdeFrom(
            (Serializer<T>) instance(classes.serializer(), Serializer.class),
            (Deserializer<T>) instance(classes.deserializer(), Deserializer.class));
    serde.configure(classes.properties(), false);
    return serde;
  }

  /// Confluent's names for what our settings say already; the user's own properties win.
  private static Foreign foreign(SchemaRegistrySettings settings, SerdeClasses classes) {
    Map<String, String> properties = new HashMap<>();
    properties.put(
        "schema.registry.url",
        settings.urls().stream().map(Object::toString).collect(Collectors.joining(",")));
    properties.put("auto.register.schemas", Boolean.toString(settings.autoRegister()));
    properties.put("specific.avro.reader", "true");
    properties.put("avro.remove.java.properties", "true");
    switch (settings.credentials()) {
      case Credentials.Anonymous() -> {}
      case Credentials.Basic(String user, String password) -> {
        properties.put("basic.auth.credentials.source", "USER_INFO");
        properties.put("basic.auth.user.info", user + ":" + password);
      }
      case Credentials.Bearer(String token) -> {
        properties.put("bearer.auth.credentials.source", "STATIC_TOKEN");
        properties.put("bearer.auth.token", token);
      }
    }
    properties.putAll(classes.properties());
    return new Foreign(classes.serializer(), classes.deserializer(), Map.copyOf(properties));
  }

  private static <T> T instance(String className, Class<T> kind, Object... arguments) {
    try {
      Class<? extends T> found =
          Class.forName(className, true, Thread.currentThread().getContextClassLoader())
              .asSubclass(kind);
      Class<?>[] types = new Class<?>[arguments.length];
      for (int i = 0; i < arguments.length; i++) {
        types[i] = arguments[i].getClass();
      }
      return found.getConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(className + " refused its settings", e.getCause());
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IllegalArgumentException(
          className
              + " cannot be used as a "
              + kind.getSimpleName()
              + ": it must be on the class path, public, of that type, with a public constructor"
              + (arguments.length == 0 ? " without arguments" : " that takes the settings"),
          e);
    }
  }
}
