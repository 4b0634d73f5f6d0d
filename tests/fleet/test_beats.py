"""Signs of life: a turn is prolonged as long as it is worked on, and who lost it is told."""

from __future__ import annotations

from threading import Event

from passerelle.fleet.beats import Beats
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.turns import Fence, FlowKey

FENCE = Fence(FlowKey("una-35", "visites"), 3, "first")


class Asked:
    """A turnstile that remembers who asked, and answers in turn."""

    def __init__(self, *answers: bool | Exception) -> None:
        self.answers, self.seen, self.is_through = list(answers), [], Event()

    def holds(self, fence: Fence) -> bool:
        self.seen.append(fence)
        answer = self.answers.pop(0) if self.answers else True
        if not self.answers:
            self.is_through.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_turn_is_prolonged_while_it_is_held():
    asked = Asked(True, True, True)
    beats = Beats(asked, 0.01)
    with beats.keep_beating(), beats.hold(FENCE) as lost:
        assert asked.is_through.wait(20)
        assert not lost.is_set()
    assert set(asked.seen) == {FENCE}


def test_who_was_overtaken_is_told():
    beats = Beats(Asked(True, False), 0.01)
    with beats.keep_beating(), beats.hold(FENCE) as lost:
        assert lost.wait(20)


def test_a_database_that_is_away_for_a_moment_takes_no_turn_away():
    asked = Asked(FatalError("incident.database.unreachable"), True, True)
    beats = Beats(asked, 0.01)
    with beats.keep_beating(), beats.hold(FENCE) as lost:
        assert asked.is_through.wait(20)
        assert not lost.is_set()


def test_nobody_is_asked_for_a_turn_that_was_given_back():
    asked = Asked()
    beats = Beats(asked, 0.01)
    with beats.hold(FENCE):
        pass
    with beats.keep_beating():
        Event().wait(0.1)
    assert asked.seen == []
