"""The keys of numbers, checked column by column: what the columns find right is right, and a right one is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.contracts import identifiers
from passerelle.stages.validate.number_keys import check_key_lists, compile_key_check

if TYPE_CHECKING:
    from collections.abc import Sequence

ITEM = pl.Struct({"system": pl.String(), "value": pl.String()})
NIR, SIRET = "255081416802538", "73282932000074"
RIGHT = (identifiers.NumberCheck.OK, identifiers.NumberCheck.UNCHECKED)

Pair = tuple[str | None, str | None]


def check(*lists: Sequence[Pair] | None) -> list[bool]:
    """Check lists of identifiers as the fast path does, each outside of its list."""
    rows = [pairs and [{"system": system, "value": value} for system, value in pairs] for pairs in lists]
    return check_key_lists(pl.Series("identifiers", rows, dtype=pl.List(ITEM))).to_list()


def luhn(body: str) -> str:
    """Close a number with the key that makes Luhn's sum a multiple of ten."""
    doubled = [int(digit) * (1 + nth % 2) for nth, digit in enumerate(reversed(body + "0"))]
    return body + str(-sum(digit - 9 * (digit > 9) for digit in doubled) % 10)


SIRENS = st.from_regex(r"[0-9]{8}", fullmatch=True).map(luhn)
SIRETS = st.tuples(SIRENS, st.from_regex(r"[0-9]{4}", fullmatch=True)).map("".join).map(luhn)
SPOILT = st.tuples(SIRETS, st.integers(0, 13), st.sampled_from("0123456789 A")).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + 1 :]
)


@given(st.lists(SIRETS | SPOILT, min_size=1, max_size=20))
@settings(max_examples=count_examples(100), deadline=None)
def test_a_siret_that_the_columns_find_right_is_right(numbers: list[str]):
    for number, right in zip(numbers, check(*([("siret", number)] for number in numbers)), strict=True):
        if right:
            assert identifiers.check("siret", number) is identifiers.NumberCheck.OK


@given(SIRETS.filter(lambda number: number[0] != "0" and not number.startswith("356000000")))
@settings(max_examples=count_examples(100), deadline=None)
def test_a_right_siret_is_found_right_by_the_columns_alone(number: str):
    assert identifiers.check("siret", number) is identifiers.NumberCheck.OK
    assert check([("siret", number)]) == [True]


@pytest.mark.parametrize(
    ("system", "number"),
    [
        ("siret", "73282932000075"),  # the key of the establishment
        ("siret", "73282932100072"),  # the whole sum is right, that of its SIREN is not
        ("siret", "35600000000048"),  # La Poste follows another rule
        ("siret", "7328293200007"),
        ("siret", "732829320000740"),
        ("siret", "+7328293200074"),
        ("siret", "732 829 320 00074"),
        ("siret", "00000000000000"),
        ("siret", ""),
        ("siret", None),
        ("nir", "255081416802539"),
        ("nir", "955081416802538"),
        ("nir", "2A5081416802538"),
        ("siren", "732829320"),  # another system that is checked: left to the model path
        (None, SIRET),
    ],
)
def test_a_number_that_is_not_surely_right_is_left_to_the_model_path(system: str | None, number: str | None):
    assert check([(system, number)]) == [False]


def test_capitals_in_the_name_of_a_system_change_nothing():
    assert check([("SIRET", SIRET)], [("Siret", SIRET), ("siret", SIRET)], [("NIR", NIR), ("ins", NIR)]) == [True] * 3
    assert check([("SIRET", "73282932000075")]) == [False]


def test_one_doubtful_number_makes_its_list_doubtful_and_no_other():
    wrong = ("siret", "73282932000075")
    assert check([("nir", NIR)], [("nir", NIR), wrong], [], None, [wrong, ("x", "1")], [("siret", SIRET)]) == [
        True,
        False,
        True,
        True,
        False,
        True,
    ]


def test_a_system_that_nobody_checks_raises_no_doubt():
    assert "dossier" not in identifiers.SYSTEMS
    assert check([("dossier", "anything")], [("dossier", None)]) == [True, True]


def test_a_column_without_any_list_is_right():
    assert check() == []
    assert check(None, []) == [True, True]


def test_inside_an_object_a_siret_is_left_to_the_model_path():
    frame = pl.DataFrame({"system": ["siret", "nir", "dossier"], "number": [SIRET, NIR, "1"]})
    right = frame.select(compile_key_check(pl.col("system"), pl.col("number")).alias("right"))
    assert right["right"].to_list() == [False, True, True]
