"""Reading `tender.toml`: the models first, then the names and forms that models cannot check; every problem at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from passerelle.contracts.catalogue import catalogue
from passerelle.extension import toml_problems
from passerelle.tender import bilingual_texts, questions
from passerelle.tender.order import TenderOrder
from passerelle.tender.trades import list_trades
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import plausibility
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from passerelle.tender.order import ContractChoice

FILE = "tender.toml"
PLAUSIBILITY_NAMES = tuple(reason.code.removeprefix(plausibility.PREFIX) for reason in plausibility.REASONS)
"""What a tender calls each rule of plausibility."""
_OWN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters, which XML and so no office file may hold (XML 1.0 §2.2)."""


def load(folder: Path) -> TenderOrder:
    """Read the order of a folder. Raises SettingsError with every problem, UsageError when there is none."""
    path = folder / FILE
    try:
        # Windows editors write a byte-order mark, which TOML refuses.
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise UsageError("usage.tender.missing", folder=folder.name, file=FILE) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=path.name) from None
    return parse(text, path.name)


def parse(text: str, file: str = FILE) -> TenderOrder:
    """Parse the text of an order. Raises SettingsError with every problem and its line."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise toml_problems.make_syntax_error(error, text, file) from None
    return check(raw, text, file)


def check(raw: dict[str, Any], text: str, file: str) -> TenderOrder:
    """Return the order that a parsed file states. Raises SettingsError with every problem and its line in `text`."""
    problems = toml_problems.Collector(TenderOrder, text, file)
    try:
        order = TenderOrder.model_validate(raw)
    except ValidationError as error:
        problems.add_all(error)
        raise problems.to_error() from None
    # Only once the models accept: faults are looked for in typed values.
    _note_faults(order, problems)
    if problems:
        raise problems.to_error()
    return order


def _note_faults(order: TenderOrder, problems: toml_problems.Collector) -> None:
    """Note names that do not exist, texts without their form, and thresholds that give every bidder one note."""
    for place, word, known in _iter_names(order):
        if word not in known:
            _note_unknown(problems, place, word, known)
    for contract, choice in order.contract.items():
        if contract in catalogue():
            _check_contract(contract, choice, problems)
    # Texts that must have a form: place, whether it has the form, words for the form.
    plain, hyphened = _("a text without control characters"), _("lower-case letters, digits and hyphens")
    forms = (
        (("tender", "date"), is_day(order.tender.date), _("a day, written as 2026-11-21")),
        *((("requirement", "name"), bool(_OWN_NAME.match(own.name)), hyphened) for own in order.requirement),
        *((place, not _CONTROL.search(text), plain) for place, text in _iter_texts(order.model_dump())),
    )
    for place, is_right, expected in forms:
        if not is_right:
            problems.add("settings.value.invalid", place, expected=expected)
    if order.thresholds.red >= min(order.thresholds.keys, order.thresholds.others):
        expected = _("a share below the other thresholds, or every candidate gets the same note")
        problems.add("settings.value.invalid", ("thresholds", "red"), expected=expected)


def is_day(text: str) -> bool:
    """Whether a text is an existing day, written as `2026-11-21`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _iter_texts(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text of a document with its place; an entry of a list has the place of its table."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _iter_texts(inside, (*place, str(key)))
    elif isinstance(value, tuple):
        for inside in value:
            yield from _iter_texts(inside, place)


def _iter_names(order: TenderOrder) -> Iterator[tuple[tuple[str, ...], str, Collection[str]]]:
    """Yield words that must be known: place, word, known words."""
    yield ("tender", "trade"), order.tender.trade, list_trades()
    for what in order.volumes:
        yield ("volumes", what), what, bilingual_texts.load_texts("document")["volumes"]
    for contract in order.contract:
        yield ("contract", contract), contract, catalogue()
    for wired in order.system:
        for contract in wired.contracts:
            yield ("system", "contracts"), contract, catalogue()
    for key in order.levels:
        yield ("levels", key), key, questions.list_requirement_keys()
    for name in order.plausibility:
        yield ("plausibility", name), name, PLAUSIBILITY_NAMES
    for key in order.answers:
        yield ("answers", key), key, questions.list_question_keys()
    for own in order.requirement:
        yield ("requirement", "chapter"), own.chapter, questions.list_chapter_keys()


def _check_contract(contract: str, choice: ContractChoice, problems: toml_problems.Collector) -> None:
    known = catalogue()[contract]
    for name, grade in choice.fields.items():
        if name not in known.model_fields:
            _note_unknown(problems, ("contract", contract, "fields", name), name, known.model_fields)
        elif known.model_fields[name].is_required() and grade in "X-":
            expected = _("P, I or S, because the contract cannot do without this field")
            problems.add("settings.value.invalid", ("contract", contract, "fields", name), expected=expected)
    for name in choice.filled:
        if choice.fields.get(name, "-") in "X-":
            _note_unknown(problems, ("contract", contract, "filled"), name, choice.fields)


def _note_unknown(problems: toml_problems.Collector, place: tuple[str, ...], word: str, known: Collection[str]) -> None:
    near = find_nearest(word, known) or "–"
    problems.add("settings.supplier.unknown", place, word=word, known=join_names(known, most=40), nearest=near)
