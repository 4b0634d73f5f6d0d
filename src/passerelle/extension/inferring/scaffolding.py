"""Write a new plugin from a proposal: description, code tables, invented samples, test, page."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from io import StringIO
from string import Template
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.extension.inferring.parties import is_contact
from passerelle.extension.inferring.proposal import MARK
from passerelle.extension.inferring.python_writing import write_python
from passerelle.extension.inferring.sample_inventing import SampleInventor, make_oddities
from passerelle.extension.inferring.sample_writing import add_cut_line, get_file_suffix, write_sample
from passerelle.extension.inferring.toml_writing import list_naming, mark_question, write_toml, write_value
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.extension.inferring.plugin_names import PluginNames
    from passerelle.extension.inferring.proposal import Proposal
    from passerelle.extension.inferring.sample_inventing import Row

DESCRIPTION = "supplier.toml"
_ROWS = 4
"""Rows of the nominal sample."""
_OURS = ("confirmed_none", "extra", "source", "identifiers")
"""Fields that a page need not speak of when they are empty."""
_TRIES = 8
"""How often rules of the contract may take cells out of the invented rows."""


@dataclass(frozen=True, slots=True)
class SampleVerdict:
    """The outcome of a sample: for each row in order, the codes of the rules of the contract that it breaks."""

    against: tuple[tuple[str, ...], ...] = ()
    expected: str = field(default="", repr=False)
    """What the sample gives, as lines of `.expected.jsonl`."""


Judge = Callable[[bytes], SampleVerdict]
"""Takes a sample down the path, through the connector that was proposed."""


def write_description(proposal: Proposal, names: PluginNames) -> dict[str, str]:
    """Return the TOML description and its code tables, by path below one folder."""
    tables = {table.file: _write_code_table(table.guessed.items()) for table in proposal.tables if table.guessed}
    return {DESCRIPTION: write_toml(proposal, names), **tables, **_write_undecided(proposal)}


def _write_undecided(proposal: Proposal) -> dict[str, str]:
    """Write the words without a code where a person completes them, and where no reader looks."""
    return {
        table.file.replace(".csv", ".a-decider.csv"): _write_code_table((word, "") for word in table.undecided)
        for table in proposal.tables
        if table.undecided
    }


def _write_code_table(pairs: Iterable[tuple[str, str]]) -> str:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(("mot", "code"))
    writer.writerows(pairs)
    return out.getvalue()


def write_samples(proposal: Proposal, judge: Judge) -> dict[str, bytes]:
    """Invent both samples with what they give; rows are changed until the contract's own rules accept them."""
    dialect, inventor = proposal.sample.dialect, SampleInventor(proposal)
    rows = inventor.make_rows(_ROWS)
    nominal = write_sample(dialect, rows)
    for _attempt in range(_TRIES):
        against = judge(nominal).against
        if not any(against) or len(against) != len(rows):
            break
        rows = [_empty_refused_cell(proposal, row, why) for row, why in zip(rows, against, strict=True)]
        nominal = write_sample(dialect, rows)
    # Cells that the rules of the contract emptied above stay empty in the oddities: same rules.
    empty = {name for name, cell in rows[0].items() if not cell}
    fresh = [row | dict.fromkeys(empty, "") for row in inventor.make_rows(_ROWS + 1, first=11)]
    odd = add_cut_line(dialect, write_sample(dialect, make_oddities(proposal, fresh)))
    ending = get_file_suffix(dialect)
    return {
        f"nominal{ending}": nominal,
        "nominal.expected.jsonl": judge(nominal).expected.encode(),
        f"oddities{ending}": odd,
        "oddities.expected.jsonl": judge(odd).expected.encode(),
    }


def _empty_refused_cell(proposal: Proposal, row: Row, why: Sequence[str]) -> Row:
    """Empty the last cell that the broken rules speak of."""
    rules = [rule for rule in get(proposal.contract).rules if rule.code in why]
    columns = {choice.field: choice.columns for choice in proposal.choices}
    optional = {name for name, info in get(proposal.contract).model_fields.items() if not info.is_required()}
    spoken = [name for rule in rules for name in rule.fields if name in columns and name in optional]
    for name in reversed(spoken):
        if any(row[column] for column in columns[name][-1:]):
            return row | {columns[name][-1]: ""}
    return row


def write_project(
    proposal: Proposal, names: PluginNames, *, style: str, grade: str, trial: str = "–"
) -> dict[str, str]:
    """Return the files of the plugin without its samples, by path; `style` is `toml` or `python`.

    `trial` is what the page says of the file that all was proposed from.
    """
    package = f"src/{names.module}"
    if style == "python":
        code = {f"{package}/__init__.py": write_python(proposal, names)}
        code |= _write_undecided(proposal)
    else:
        code = {f"{package}/{path}": text for path, text in write_description(proposal, names).items()}
    entry = names.module if style == "python" else f"{names.module}:{DESCRIPTION}"
    words = {**_fill_words(proposal, names), "entry": entry, "grade": grade, "trial": trial}
    page = "README.fr.md" if get_current() == "fr" else "README.en.md"
    places = {"pyproject.toml": "pyproject.txt", "README.md": page, "tests/test_conformance.py": "conformance.txt"}
    return code | {
        path: Template((files(__package__) / "templates" / template).read_text(encoding="utf-8")).substitute(words)
        for path, template in places.items()
    }


def _fill_words(proposal: Proposal, names: PluginNames) -> dict[str, str]:
    """Return what the templates are filled with."""
    covered = {choice.field for choice in proposal.choices}
    fields = get(proposal.contract).describe_fields()
    uncovered = [name for name in fields if name not in covered and name not in _OURS]
    question = _("no column of the file fills these fields; does another export?")
    return {
        "title": names.title,
        "plugin": names.id,
        "connector": names.connector,
        "contract": proposal.contract,
        "distribution": names.distribution,
        "module": names.module,
        "summary": write_value(names.connector_title),
        "suffix": get_file_suffix(proposal.sample.dialect),
        "mark": MARK,
        "written": type(proposal.sample.dialect).__name__.upper(),
        "columns": str(len(proposal.sample.columns)),
        "questions": "\n".join(f"- {line}" for line in list_questions(proposal)) or "–",
        "uncovered": f"- {mark_question(question)} {', '.join(f'`{name}`' for name in uncovered)}",
    }


def list_questions(proposal: Proposal) -> Iterator[str]:
    """Return what a person must decide, marked, field by field; columns without a field come last."""
    for choice in proposal.choices:
        for question in choice.questions:
            yield mark_question(format_labelled(f"`{choice.field}`", question))
    if proposal.beside:
        question = _("columns repeat with a number: are they records of {contract}? «--contract» describes them so")
        yield mark_question(question.format(contract=f"`{proposal.beside}`"))
    if naming := list_naming(proposal):
        yield f"{naming[0]} {', '.join(f'`{line}`' for line in naming[1:])}"
    for column in proposal.carried:
        unread = proposal.evidence[column].temporal
        question = _("«{column}» holds days or times: which field? What no converter reads, PerRecord does in Python")
        plain = _("no field was found for the column «{column}»")
        whose = _("«{column}» holds contact data: whose? They are given to nobody as long as nobody says so")
        contact = is_contact(column, proposal.evidence[column])
        yield mark_question((question if unread else whose if contact else plain).format(column=column))
