package dev.sluice.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.NullMarked;

/// The rules of the design that a compiler does not know. They hold for what is shipped: neither
/// for tests nor for what Avro generates.
@AnalyzeClasses(packages = "dev.sluice", importOptions = ArchitectureTest.Shipped.class)
class ArchitectureTest {
  private static final String CORE = "dev.sluice.*.core..";
  private static final List<String> SERVICES =
      List.of(
          "dev.sluice.ingress", "dev.sluice.router", "dev.sluice.worker", "dev.sluice.metering");
  private static final String COMMAND_LINE = "dev.sluice.deploy.cli..";

  @ArchTest
  static final ArchRule coreDependsOnModelAndPricesOnly =
      classes()
          .that()
          .resideInAPackage(CORE)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "java..",
              CORE,
              "dev.sluice.contract.model..",
              "dev.sluice.contract.price..",
              "org.jspecify..",
              // int and its kind
              "")
          .because("a decision is tested without a broker, a server or a clock");

  @ArchTest
  static final ArchRule coreDoesNoInputOrOutput =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net.http..")
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Thread.class)
          .because("the shell alone does it");

  @ArchTest
  static final ArchRule coreAsksNeitherClockNorDice =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .accessTargetWhere(names(Instant.class, "now"))
          .orShould()
          .accessTargetWhere(
              names(Clock.class, "system", "systemUTC", "systemDefaultZone", "tick", "tickMillis"))
          .orShould()
          .accessTargetWhere(names(System.class, "currentTimeMillis", "nanoTime"))
          .orShould()
          .accessTargetWhere(names(Math.class, "random"))
          .orShould()
          .accessTargetWhere(names(UUID.class, "randomUUID"))
          .orShould()
          .accessTargetWhere(names(Random.class, "<init>"))
          .orShould()
          .accessTargetWhere(names(ThreadLocalRandom.class, "current"))
          .because("time and chance are arguments, so that a replay decides the same");

  @ArchTest
  static final ArchRule decisionsAndOutcomesAreSealed =
      classes()
          .that()
          .areInterfaces()
          .and()
          .resideInAnyPackage(CORE, "dev.sluice.runtime..")
          .and()
          .haveNameMatching(".*(Decision|Outcome|Notice)")
          .should(beSealed())
          .because("a switch over them then knows every case");

  @ArchTest
  static final ArchRule servicesMeetOnlyInTopics =
      slices().assignedFrom(services()).should().notDependOnEachOther();

  @ArchTest
  static final ArchRule providersAreApart =
      slices()
          .matching("dev.sluice.worker.provider.(*)..")
          .should()
          .notDependOnEachOther()
          .because("adding one must not read another");

  @ArchTest
  static final ArchRule nobodyDependsOnDeploy =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sluice.deploy..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.sluice.deploy..");

  @ArchTest
  static final ArchRule contractIsALeaf =
      classes()
          .that()
          .resideInAPackage("dev.sluice.contract..")
          .should()
          .onlyDependOnClassesThat(
              DescribedPredicate.describe(
                  "are of the contract, or foreign",
                  type ->
                      !type.getPackageName().startsWith("dev.sluice.")
                          || type.getPackageName().startsWith("dev.sluice.contract.")));

  @ArchTest
  static final ArchRule runtimeKnowsNoService =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.sluice.ingress..",
              "dev.sluice.router..",
              "dev.sluice.worker..",
              "dev.sluice.metering..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().assignedFrom(packages()).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProcess =
      noClasses()
          .that()
          .resideOutsideOfPackage(COMMAND_LINE)
          .and()
          .haveSimpleNameNotEndingWith("Main")
          .should()
          .accessTargetWhere(names(System.class, "exit"))
          .orShould()
          .accessTargetWhere(names(Runtime.class, "exit", "halt"))
          .because("a service that fails must leave the others time to stop");

  @ArchTest
  static final ArchRule onlyConfigurationReadsTheEnvironment =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sluice.runtime.config..")
          .and()
          // SLUICE_URL, SLUICE_KEY and their kind are options of commands, not configuration.
          .resideOutsideOfPackage(COMMAND_LINE)
          .should()
          .accessTargetWhere(names(System.class, "getenv", "getProperty"))
          .because("every setting has one place where it is read, checked and shown");

  @ArchTest
  static final ArchRule packagesAreNullMarked =
      classes().should(liveInANullMarkedPackage()).because("null is an exception, and written");

  @ArchTest
  static final ArchRule namesSayWhatAThingIs =
      noClasses()
          .should()
          .haveNameMatching(".*[.$](Abstract|Base)[A-Z]\\w*")
          .orShould()
          .haveNameMatching(".*(Manager|Helper|Utils?|Common|Impl|Data|Info)");

  /// What a user runs.
  static final class Shipped implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/")
          && !location.contains("/dev/sluice/testkit/")
          && !location.contains("/dev/sluice/contract/avro/");
    }
  }

  private static DescribedPredicate<JavaAccess<?>> names(Class<?> owner, String... members) {
    Set<String> wanted = Set.of(members);
    return DescribedPredicate.describe(
        "is " + owner.getSimpleName() + "." + String.join("/", members),
        access ->
            access.getTargetOwner().isEquivalentTo(owner)
                && wanted.contains(access.getTarget().getName()));
  }

  private static SliceAssignment services() {
    return slicesBy(
        "services",
        type ->
            SERVICES.stream()
                .filter(service -> (type.getPackageName() + ".").startsWith(service + "."))
                .map(SliceIdentifier::of)
                .findFirst()
                .orElse(SliceIdentifier.ignore()));
  }

  /// Every package. In the root package of a module every file counts by itself: there live the
  /// wiring, which knows all packages, and the configuration, which all packages know.
  private static SliceAssignment packages() {
    return slicesBy(
        "packages, and files of root packages",
        type ->
            SliceIdentifier.of(
                type.getPackageName().matches("dev\\.sluice\\.\\w+")
                    ? type.getName().replaceFirst("\\$.*", "")
                    : type.getPackageName()));
  }

  private static SliceAssignment slicesBy(
      String description, Function<JavaClass, SliceIdentifier> rule) {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        return rule.apply(type);
      }

      @Override
      public String getDescription() {
        return description;
      }
    };
  }

  private static ArchCondition<JavaClass> beSealed() {
    return new ArchCondition<>("be sealed") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean sealed = type.reflect().isSealed();
        events.add(new SimpleConditionEvent(type, sealed, type.getName() + " is not sealed"));
      }
    };
  }

  private static ArchCondition<JavaClass> liveInANullMarkedPackage() {
    return new ArchCondition<>("live in a package marked @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
        String text = type.getPackageName() + " is not @NullMarked in its package-info";
        events.add(new SimpleConditionEvent(type, marked, text));
      }
    };
  }
}
