"""Places of anomalies: all of them, in little memory."""

from __future__ import annotations

from passerelle.tender.scoring.trail import SHOWN, AnomalyGroup, AnomalyTrail

ONE = AnomalyGroup("a.b.c", 0, "", "visit/1", "ref", "Id", refuses=True)
OTHER = AnomalyGroup("a.b.d", 1, "feuille", "visit/1", "ref", "Id", refuses=False)


def test_the_first_places_are_shown_and_all_are_kept_in_their_order():
    trail = AnomalyTrail()
    trail.add(ONE, range(10, 17), {"found": "x"})
    trail.add(OTHER, [3])
    trail.add(ONE, [99], {"found": "y"})
    assert trail.groups[ONE].lines == [10, 11, 12, 13, 14][:SHOWN]
    assert (trail.groups[ONE].count, trail.groups[ONE].facts) == (8, {"found": "x"})
    assert list(trail.iter_places()) == [*((ONE, line) for line in range(10, 17)), (OTHER, 3), (ONE, 99)]
    trail.close()


def test_reading_the_places_does_not_disturb_what_comes_later():
    trail = AnomalyTrail()
    trail.add(ONE, [1, 2])
    assert len(list(trail.iter_places())) == 2
    trail.add(ONE, [3])
    assert [line for _blame, line in trail.iter_places()] == [1, 2, 3]
    trail.close()


def test_more_places_than_fit_in_memory_go_to_a_file():
    trail = AnomalyTrail(in_memory=1000)
    many = 20_000
    trail.add(ONE, range(many))
    assert trail._file._rolled
    assert sum(1 for _place in trail.iter_places()) == many
    trail.close()


def test_anomalies_of_which_only_the_number_is_told_are_counted():
    trail = AnomalyTrail()
    trail.add(ONE, [1])
    trail.repeat(ONE, 41)
    assert (trail.groups[ONE].count, len(list(trail.iter_places()))) == (42, 1)
    trail.close()
