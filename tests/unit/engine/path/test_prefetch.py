"""Working ahead changes when things are made, never what comes out, in which order, or what is raised where."""

from __future__ import annotations

import threading
import weakref

import pytest

from passerelle.engine.path.prefetch import prefetch


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_items_come_in_their_order(depth):
    with prefetch(iter(range(50)), depth) as items:
        assert list(items) == list(range(50))


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_making_raises_comes_after_the_items_before_it(depth):
    def making():
        yield 1
        yield 2
        message = "third"
        raise KeyError(message)

    with prefetch(making(), depth) as items:
        assert [next(items), next(items)] == [1, 2]
        with pytest.raises(KeyError, match="third"):
            next(items)


def test_no_more_items_wait_than_asked_for():
    made = []

    def making():
        for number in range(100):
            made.append(number)
            yield number

    with prefetch(making(), 2) as items:
        for used, item in enumerate(items, start=1):
            assert item == used - 1
            assert len(made) <= used + 2


def test_nothing_holds_an_item_that_is_used_up():
    class Item:
        pass

    alive: list[weakref.ref[Item]] = []

    def making():
        for _nth in range(20):
            item = Item()
            alive.append(weakref.ref(item))
            yield item
            del item

    with prefetch(making(), 2) as items:
        for item in items:
            assert sum(one() is not None for one in alive) <= 3
            del item


def test_making_ends_with_the_context_even_when_its_user_fails():
    before = threading.active_count()

    def endless():
        while True:
            yield 0

    with pytest.raises(ZeroDivisionError), prefetch(endless(), 1) as items:
        assert 1 / next(items)
    assert threading.active_count() == before
