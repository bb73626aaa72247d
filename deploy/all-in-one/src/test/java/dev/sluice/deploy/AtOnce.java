package dev.sluice.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// Many calls, of which some are on their way at once.
public final class AtOnce {

  private AtOnce() {}

  /// A call.
  @FunctionalInterface
  public interface Numbered<T> {
    T call(int number) throws Exception;
  }

  /// Makes the calls and gives their answers, in the order of their numbers from 0.
  ///
  /// @param connections on their way at once, most
  public static <T> List<T> call(int connections, int calls, Numbered<T> one) throws Exception {
    Semaphore free = new Semaphore(connections);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> answers = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        int number = i;
        answers.add(
            callers.submit(() -> {
              free.acquire();
              try {
                return one.call(number);
              } finally {
                free.release();
              }
            }));
      }
      List<T> all = new ArrayList<>();
      for (Future<T> answer : answers) {
        all.add(answer.get());
      }
      return all;
    }
  }
}
