package dev.sluice.router.core;

import java.util.ArrayList;
import java.util.List;

/// A binary heap whose elements know their places, so that one is moved or removed without a
/// search, and costs no object of its own. Owned by one thread.
abstract class IndexedHeap<T> {
  static final int NOWHERE = -1;

  private final List<T> heap = new ArrayList<>();

  abstract boolean before(T a, T b);

  abstract int place(T element);

  abstract void place(T element, int place);

  boolean isEmpty() {
    return heap.isEmpty();
  }

  int size() {
    return heap.size();
  }

  /// The first by order; there is one.
  T first() {
    return heap.getFirst();
  }

  /// The element at a place; but for the first in no order.
  T at(int place) {
    return heap.get(place);
  }

  /// Adds an element, or moves one whose order has changed.
  void settle(T element) {
    int place = place(element);
    if (place == NOWHERE) {
      place = heap.size();
      heap.add(element);
    }
    while (place > 0 && before(element, heap.get((place - 1) / 2))) {
      put(heap.get((place - 1) / 2), place);
      place = (place - 1) / 2;
    }
    int child = sooner(2 * place + 1);
    while (child < heap.size() && before(heap.get(child), element)) {
      put(heap.get(child), place);
      place = child;
      child = sooner(2 * place + 1);
    }
    put(element, place);
  }

  void remove(T element) {
    int gap = place(element);
    if (gap == NOWHERE) {
      return;
    }
    T last = heap.removeLast();
    place(element, NOWHERE);
    if (gap < heap.size()) {
      put(last, gap);
      settle(last);
    }
  }

  /// The one of two neighbours that comes first, by the place of the left one.
  private int sooner(int left) {
    int right = left + 1;
    return right < heap.size() && before(heap.get(right), heap.get(left)) ? right : left;
  }

  private void put(T element, int place) {
    heap.set(place, element);
    place(element, place);
  }
}
