"""A federation's tender: a common core, and what each member asks for besides, with the same numbers for all.

`membres/NAME.toml` beside `tender.toml` says what a member changes: its name, volumes, systems, levels, requirements of
its own. A member may ask for more than the core, or weigh it otherwise; never for less.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from passerelle.extension import toml_problems
from passerelle.tender import order_file
from passerelle.tender.freezing import freeze
from passerelle.tender.requirement import Level
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.order import TenderOrder
    from passerelle.tender.requirement import Requirement

FOLDER = "membres"
"""Where members stand, below the folder of the core."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_ADDED = ("system", "requirement")
"""Lists of the core to which a member adds; every other table is laid over the core's, key by key."""
_RANK = {Level.S: 0, Level.I: 1, Level.P: 2}


@dataclass(frozen=True, slots=True)
class MemberTender:
    """What a member asks for: the core, and its differences."""

    name: str
    order: TenderOrder
    consultation: Consultation
    added: tuple[Requirement, ...]
    raised: tuple[tuple[Level, Requirement], ...]
    """Requirements of the core that matter more here, each with the level that it has in the core."""


def list_member_files(folder: Path) -> list[Path]:
    """Return the files of members in a stable order. Raises UsageError for a name that cannot be a folder's."""
    files = sorted((folder / FOLDER).glob("*.toml"))
    for file in files:
        if not _NAME.match(file.stem):
            raise UsageError("usage.member.name", file=file.name)
    return files


def list_member_folders(folder: Path) -> list[Path]:
    """Return the folders of members that were built, in a stable order."""
    return sorted(path.parent for path in (folder / FOLDER).glob("*/exigences.json"))


def freeze_members(
    folder: Path, core: Consultation, numbers: Mapping[str, str], *, language: Literal["fr", "en"], date: str = ""
) -> tuple[tuple[MemberTender, ...], dict[str, str]]:
    """Return the tenders of all members, and the ledger of numbers with theirs.

    Raises SettingsError for a file that is wrong, or that asks for less than the core.
    """
    ledger, members = dict(numbers), []
    for file in list_member_files(folder):
        order = load_member(folder, file)
        consultation, ledger = freeze(order, ledger, language=language, date=date)
        consultation = replace(
            consultation, id=f"{core.id}/{file.stem}", member=file.stem, core=core.rules_digest, title=core.title
        )
        members.append(_compare_with_core(file, order, core, consultation))
    return tuple(members), ledger


def load_member(folder: Path, file: Path) -> TenderOrder:
    """Read what a member changes, laid over the core. Raises SettingsError with every problem."""
    core, own = (_read_toml(path) for path in (folder / order_file.FILE, file))
    merged = _lay_over(core, own)
    try:
        return order_file.check(merged, file.read_text("utf-8-sig"), file.name)
    except KeyError:
        raise SettingsError("settings.file.unreadable", file=file.name) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=path.name) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise toml_problems.make_syntax_error(error, text, path.name) from None


def _lay_over(core: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(core)
    for key, value in own.items():
        below = merged.get(key)
        if key in _ADDED and isinstance(below, list) and isinstance(value, list):
            merged[key] = [*below, *value]
        elif isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _lay_over(below, value)
        else:
            merged[key] = value
    return merged


def _compare_with_core(file: Path, order: TenderOrder, core: Consultation, consultation: Consultation) -> MemberTender:
    """Return a member's tender with its differences. Raises SettingsError when it asks for less than the core."""
    mine = {one.key: one for one in consultation.requirements}
    less = [
        one.id
        for one in core.requirements
        if one.key not in mine or _RANK[mine[one.key].level] < _RANK[one.level] or mine[one.key].green < one.green
    ]
    foreign = [one.id for one in consultation.contracts if one not in core.contracts]
    if less or foreign:
        code = "settings.member.less" if less else "settings.member.contract"
        problem = SettingsError(code, file=file.name, line="", key="", names=join_names(less or foreign, most=10))
        raise SettingsError("settings.file.invalid", problems=(problem,), file=file.name)
    known = {one.key: one for one in core.requirements}
    return MemberTender(
        file.stem,
        order,
        consultation,
        tuple(one for one in consultation.requirements if one.key not in known),
        tuple(
            (known[one.key].level, one)
            for one in consultation.requirements
            if one.key in known and one.level is not known[one.key].level
        ),
    )
