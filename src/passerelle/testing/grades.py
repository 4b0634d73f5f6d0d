"""Grades, computed from checks: a connector has the best grade of which, and of all below, every check passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

F = TypeVar("F", bound=Callable[..., None])


class Grade(StrEnum):
    """How good a description is."""

    NONE = "none"
    BRONZE = "bronze"
    """The description is sound, and nothing hostile brings it down."""
    SILVER = "silver"
    """And samples show that it reads what it says it reads."""
    GOLD = "gold"
    """And it writes what it reads, and its samples and its page leave nothing out."""


ORDER = tuple(Grade)
_WORDS = {
    Grade.NONE: N_("no grade"),
    Grade.BRONZE: N_("bronze"),
    Grade.SILVER: N_("silver"),
    Grade.GOLD: N_("gold"),
}


def name_grade(grade: Grade) -> str:
    """Return a grade in the reader's language."""
    return _(_WORDS[grade])


@dataclass(frozen=True, slots=True)
class ConformanceCheck:
    """One thing that a connector keeps: what it is called, which grade asks for it, the sentence people read."""

    name: str
    grade: Grade
    title: str
    about: str = ""
    """The kind of connector that it is asked of; empty: of all."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check. `hint` says where to look; it is empty for what is kept, and holds no sample value."""

    check: ConformanceCheck
    passed: bool
    hint: str = ""
    why_not: str = ""
    """Why it is not asked of this connector, as a message id; such a check counts as kept."""


def check_for(grade: Grade, title: str, *, about: str = "") -> Callable[[F], F]:
    """Mark a test method as a check that `grade` asks for; `title` is marked with `N_`.

    With `about`, the check is asked only of connectors for which the suite's `explain_absence` says nothing.
    """

    def mark(method: F) -> F:
        check = ConformanceCheck(method.__name__, grade, title, about)

        @wraps(method)
        def run_if_asked(suite: Any) -> None:
            if not suite.explain_absence(check):
                method(suite)

        run_if_asked.__dict__["check"] = check
        return cast("F", run_if_asked)

    return mark


def list_checks(suite: type[Any]) -> Iterator[ConformanceCheck]:
    """List the checks of a suite, those of the lower grades first, in the order they are written."""
    names = dict.fromkeys(name for base in reversed(suite.__mro__) for name in vars(base))
    found = [check for name in names if (check := getattr(getattr(suite, name, None), "check", None)) is not None]
    yield from sorted(found, key=lambda check: ORDER.index(check.grade))


def compute_grade(results: list[CheckResult]) -> Grade:
    """Compute the grade: the best one of which, and of all below it, every check is kept."""
    best = Grade.NONE
    for grade in ORDER[1:]:
        if not all(result.passed for result in results if result.check.grade is grade):
            return best
        best = grade
    return best


def list_missing(results: list[CheckResult]) -> list[CheckResult]:
    """List what the next grade asks for and does not get."""
    best = compute_grade(results)
    if best is ORDER[-1]:
        return []
    following = ORDER[ORDER.index(best) + 1]
    return [result for result in results if not result.passed and result.check.grade is following]
