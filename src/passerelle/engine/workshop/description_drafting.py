"""Works on the description of a supplier: begun from a proposal, decided, tried on a file, kept by version.

A draft holds the description, which is the truth, and the words of columns that have a code list. Of the file that it
was proposed from nothing else is kept: whoever tries it drops a file again.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from passerelle import nomenclatures
from passerelle.contracts.catalogue import get
from passerelle.engine.clock import find_local_day
from passerelle.engine.rehearsal.file_check import check
from passerelle.extension.inferring.plugin_names import make_names
from passerelle.extension.inferring.proposal import MARK
from passerelle.extension.inferring.toml_writing import write_toml
from passerelle.stores.description_drafts import DescriptionContent
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.formatting import is_seen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from importlib.resources.abc import Traversable

    from passerelle.engine.rehearsal.file_check import CheckReport
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.extension.inferring.proposal import FieldChoice, Proposal
    from passerelle.extension.supplier import Supplier
    from passerelle.stores.description_drafts import DescriptionDraft

LONGEST_TEXT = 60_000
"""Characters of a description that is written in a page."""
_AFTER_MARK = " \u00a0\u202f:"
"""What stands between the mark and its question."""
_ASSIGNED = re.compile(r"([A-Za-z0-9_-]+) *=")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Something that a person must decide before a description is put to work."""

    line: int
    """Of the description, from 1."""
    question: str
    about: str
    """The key that it stands above: a field of the contract, or a word of the description."""


@dataclass(frozen=True, slots=True)
class _HeldText:
    """A description that is in no file, for whoever reads descriptions."""

    name: str
    text: str

    def read_bytes(self) -> bytes:
        """Return what a file would hold."""
        return self.text.encode()


def begin_draft(workspace: Workspace, proposal: Proposal, name: str, *, who: str) -> int:
    """Keep a proposal as a draft under the name of the software, and return the draft's number.

    Raises UsageError `usage.plugin.unnameable` for a name that leaves nothing to call it by.
    """
    names = make_names(name, proposal)
    lists = _find_lists(proposal)
    named = {spec.get("table") for choice in proposal.choices for spec in choice.specs}
    # words of a field that has no list are carried as they are: there is nothing to choose from
    kept = [table for table in proposal.tables if table.file in lists or table.file in named]
    own = {table.file: f"codes/{names.id}/{table.file.rpartition('/')[2]}" for table in kept}
    tables = {own[each.file]: {**each.guessed, **dict.fromkeys(each.undecided, "")} for each in kept}
    codes = {own[file]: lists[file] for file in own if file in lists}
    choices = tuple(_name_tables(choice, own, lists) for choice in proposal.choices)
    text = write_toml(replace(proposal, choices=choices), names)
    content = DescriptionContent(names.id, text, tables, codes)
    return workspace.journal.begin_description(content, who=who, now=workspace.clock.now())


def _find_lists(proposal: Proposal) -> dict[str, str]:
    """Return the code list of each table: that of the field which its file is named after."""
    facts = get(proposal.contract).describe_fields()
    fields = {table.file: table.file.rpartition("/")[2].removesuffix(".csv") for table in proposal.tables}
    found = {file: facts[field].codes for file, field in fields.items() if field in facts}
    return {file: codes for file, codes in found.items() if codes in nomenclatures.list_names()}


def _name_tables(choice: FieldChoice, own: Mapping[str, str], lists: Mapping[str, str]) -> FieldChoice:
    """Return a choice whose tables stand in a folder of the supplier; words that nobody could guess get one, too."""
    file = f"codes/{choice.field}.csv"
    specs = []
    for spec in choice.specs:
        if spec.get("table") in own:
            specs.append({**spec, "table": own[str(spec["table"])]})
        elif spec["kind"] == "code" and file in own and "table" not in spec:
            specs.append({**spec, "table": own[file], "system": lists[file]})
        else:
            specs.append(dict(spec))
    return replace(choice, specs=tuple(specs))


def find_draft(workspace: Workspace, number: int) -> tuple[DescriptionDraft, DescriptionDraft | None]:
    """Return a draft and the version before it. Raises UsageError `usage.description.gone`."""
    found = workspace.journal.find_descriptions(number)
    if not found:
        raise UsageError("usage.description.gone")
    return found[0], found[1] if len(found) > 1 else None


def list_questions(text: str) -> list[OpenQuestion]:
    """Return the questions that are marked in a description, in order."""
    lines, found = text.splitlines(), []
    for place, line in enumerate(lines):
        head, mark, question = line.partition(MARK)
        if head.strip() == "#" and mark:
            below = next((one for one in lines[place + 1 :] if not one.startswith("#")), "")
            key = _ASSIGNED.match(below)
            found.append(OpenQuestion(place + 1, question.strip(_AFTER_MARK), key[1] if key else ""))
    return found


def count_undecided(content: DescriptionContent) -> int:
    """Count what a person must still decide: marked questions, and words without a code."""
    words = sum(not code for table in content.tables.values() for code in table.values())
    return words + len(list_questions(content.text))


def settle_questions(
    workspace: Workspace, draft: DescriptionDraft, lines: Collection[int], *, before: int, who: str
) -> None:
    """Keep a version in which some questions are answered: what stands below them is right as it is.

    Raises UsageError `usage.description.overtaken`, or `usage.correction.nothing` when no question was chosen.
    """
    asked = {one.line for one in list_questions(draft.content.text)}.intersection(lines)
    kept = [line for place, line in enumerate(draft.content.text.splitlines(), start=1) if place not in asked]
    _keep(workspace, draft, replace(draft.content, text="\n".join(kept) + "\n"), before=before, who=who)


def decide_codes(
    workspace: Workspace, draft: DescriptionDraft, file: str, codes: Mapping[str, str], *, before: int, who: str
) -> None:
    """Keep a version in which words of one code table stand for other codes; an empty one is not decided.

    Raises UsageError `usage.description.code` for a code that the list does not have, `usage.description.overtaken`, or
    `usage.correction.nothing`.
    """
    table = draft.content.tables[file]
    name = draft.content.codes.get(file, "")
    wanted = {word: codes.get(word, code).strip() for word, code in table.items()}
    if name and (unknown := [code for code in wanted.values() if code and code not in nomenclatures.get(name)]):
        raise UsageError("usage.description.code", count=str(len(unknown)), list=name)
    tables = {**draft.content.tables, file: wanted}
    _keep(workspace, draft, replace(draft.content, tables=tables), before=before, who=who)


def rewrite_text(workspace: Workspace, draft: DescriptionDraft, text: str, *, before: int, who: str) -> None:
    """Keep a version with another text. What is wrong with it is told by whoever reads it, not here: it is a draft.

    Raises UsageError `usage.description.long`, `usage.description.overtaken`, or `usage.correction.nothing`.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    whole = "\n".join(lines).strip("\n") + "\n"
    if len(whole) > LONGEST_TEXT or not all(is_seen(sign) or sign in "\n\t" for sign in whole):
        raise UsageError("usage.description.long", most=str(LONGEST_TEXT))
    _keep(workspace, draft, replace(draft.content, text=whole), before=before, who=who)


def _keep(workspace: Workspace, draft: DescriptionDraft, content: DescriptionContent, *, before: int, who: str) -> None:
    if content == draft.content:
        raise UsageError("usage.correction.nothing")
    now = workspace.clock.now()
    if not workspace.journal.keep_description(draft.id, content, before=before, who=who, now=now):
        raise UsageError("usage.description.overtaken")


def read_description(content: DescriptionContent) -> Supplier:
    """Return the supplier that a draft describes, read as its file would be. Raises SettingsError with all problems."""
    from passerelle.extension.toml_suppliers import read_supplier  # noqa: PLC0415  pages that read none pay nothing

    file = cast("Traversable", _HeldText(f"{content.name}.toml", content.text))
    return read_supplier(file, file, lambda path: _read_table(content, path))


def _read_table(content: DescriptionContent, path: str) -> Mapping[str, str]:
    """Return a code table of a draft: words that are decided. Raises SettingsError for one that the draft lacks."""
    if path not in content.tables:
        raise SettingsError("settings.codes.unreadable", table=path.rpartition("/")[2])
    return MappingProxyType({word: code for word, code in content.tables[path].items() if code})


def try_draft(workspace: Workspace, content: DescriptionContent, file: bytes, name: str) -> CheckReport:
    """Check a file by a draft, as by the description of a supplier. Raises SettingsError, and ParcelError as a check.

    A description of several connectors is tried by its first.
    """
    supplier = read_description(content)
    today = find_local_day(workspace.clock.now())
    return check(BytesIO(file), supplier.id, supplier.connectors[0], received_on=today, name=name)


def write_table(words: Mapping[str, str]) -> str:
    """Return a code table as its file holds it: the words that are decided, in the order of the file."""
    stream = StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(("mot", "code"))
    writer.writerows((word, code) for word, code in words.items() if code)
    return stream.getvalue()
