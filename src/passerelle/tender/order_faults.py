"""What is wrong with an order that its shape does not show: names that do not exist, texts no document can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.tender import asking, bilingual_texts
from passerelle.tender.trades import trade_names
from passerelle.vocabulary.language import _
from passerelle.vocabulary.nearest import listed, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from passerelle.extension import toml_problems
    from passerelle.tender.order import Choice, Order

_OWN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no office file may hold."""


def note_faults(order: Order, problems: toml_problems.Collector) -> None:
    """Note every name that does not exist, and a scale that would tell nobody apart."""
    for place, word, known in _named(order):
        if word not in known:
            _unknown(problems, place, word, known)
    for contract, choice in order.contract.items():
        if contract in catalogue():
            _check_contract(contract, choice, problems)
    for place, is_right, expected in _shaped(order):
        if not is_right:
            problems.add("settings.value.invalid", place, expected=expected)
    if order.thresholds.red >= min(order.thresholds.keys, order.thresholds.others):
        expected = _("a share below the other thresholds, or every candidate gets the same note")
        problems.add("settings.value.invalid", ("thresholds", "red"), expected=expected)


def _shaped(order: Order) -> Iterator[tuple[tuple[str, ...], bool, str]]:
    """Give every text that must have a form: where it stands, whether it has it, and what is expected."""
    yield ("tender", "date"), is_day(order.tender.date), _("a day, written as 2026-11-21")
    for own in order.requirement:
        is_right = bool(_OWN_NAME.match(own.name))
        yield ("requirement", "name"), is_right, _("lower-case letters, digits and hyphens")
    for place, text in _texts(order.model_dump()):
        yield place, not _CONTROL.search(text), _("a text without control characters")


def is_day(text: str) -> bool:
    """Say whether a text is a day that exists, written as `2026-11-21`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _texts(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give every text of a document, with its place; a list stands at the place of its table."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _texts(inside, (*place, str(key)))
    elif isinstance(value, tuple):
        for inside in value:
            yield from _texts(inside, place)


def _named(order: Order) -> Iterator[tuple[tuple[str, ...], str, Collection[str]]]:
    """Give every word that must be known: where it stands, the word, those that are known."""
    yield ("tender", "trade"), order.tender.trade, trade_names()
    for what in order.volumes:
        yield ("volumes", what), what, bilingual_texts.texts("document")["volumes"]
    for contract in order.contract:
        yield ("contract", contract), contract, catalogue()
    for wired in order.system:
        for contract in wired.contracts:
            yield ("system", "contracts"), contract, catalogue()
    for key in order.levels:
        yield ("levels", key), key, asking.requirement_keys()
    for key in order.answers:
        yield ("answers", key), key, asking.question_keys()
    for own in order.requirement:
        yield ("requirement", "chapter"), own.chapter, asking.chapter_keys()


def _check_contract(contract: str, choice: Choice, problems: toml_problems.Collector) -> None:
    known = catalogue()[contract]
    for name, grade in choice.fields.items():
        if name not in known.model_fields:
            _unknown(problems, ("contract", contract, "fields", name), name, known.model_fields)
        elif known.model_fields[name].is_required() and grade in "X-":
            expected = _("P, I or S, because the contract cannot do without this field")
            problems.add("settings.value.invalid", ("contract", contract, "fields", name), expected=expected)
    for name in choice.filled:
        if choice.fields.get(name, "-") in "X-":
            _unknown(problems, ("contract", contract, "filled"), name, choice.fields)


def _unknown(problems: toml_problems.Collector, place: tuple[str, ...], word: str, known: Collection[str]) -> None:
    near = nearest(word, known) or "–"
    problems.add("settings.supplier.unknown", place, word=word, known=listed(known, most=40), nearest=near)
