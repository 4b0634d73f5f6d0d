"""Invent rows of the same shape as a file: no cell of the file is in them, but the words of its code tables."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import get
from passerelle.extension.inferring.slots import list_slots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.proposal import FieldChoice, Proposal, Spec

Row = dict[str, str]

_BIRTH = datetime(1947, 4, 3)  # noqa: DTZ001  a day of an invented life
_START = datetime(2025, 1, 6, 8)  # noqa: DTZ001  a local time, as files have them
_ENDS = ("end", "ends", "exit", "closed", "until", "at")
_LAST_NAMES = ("ARMOISE", "BLEUET", "CAMOMILLE", "DIGITALE")
_FIRST_NAMES = ("Ambroise", "Blandine", "Clotaire", "Dorothée")
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "nir": ("147049921811028", "251039930456133", "139079951160213"),
    "rpps": ("10990000019", "10990000027"),
    "siret": ("99900000300015",),
    "siren": ("999000003",),
    "finess": ("999990005",),
}
_ADDRESS = {
    "lines": "1 rue de l'Exemple",
    "postcode": "42999",
    "city": "Exempleville",
    "commune": "42999",
    "country": "FR",
}
_TELECOMS = {
    "phone": "01990000{n:02d}",
    "fax": "01990001{n:02d}",
    "mobile": "06399800{n:02d}",
    "email": "exemple{n}@example.org",
}
"""Numbers that the French regulator keeps for works of fiction."""


class SampleInventor:
    """Makes invented rows; the same proposal always gives the same rows."""

    def __init__(self, proposal: Proposal) -> None:
        self._proposal = proposal
        self._facts = get(proposal.contract).describe_fields()
        self._places = {slot.name: place for place, slot in enumerate(list_slots(proposal.contract))}
        self._tables = {table.file: tuple(table.guessed) for table in proposal.tables}

    def make_rows(self, count: int, *, first: int = 1) -> list[Row]:
        """Make rows number `first` and following; their references differ."""
        rows = []
        # What names the row comes first: a column that also says something else must still be unique.
        choices = sorted(self._proposal.choices, key=lambda choice: (choice.field != "ref", len(choice.columns)))
        for number in range(first, first + count):
            row: Row = {}
            for choice in choices:
                for spec in choice.specs:
                    row = self._make_cells(choice, spec, number) | row
            evidence = self._proposal.evidence
            row = self._glue_parts(row) | row
            # groups behind the first stay empty: no record
            row |= {columns[0]: row[name] for name, columns in self._proposal.templates.items() if name in row}
            row |= {one: "" for columns in self._proposal.templates.values() for one in columns[1:]}
            carried = {name: _write_like(seen, number) for name, seen in evidence.items() if name not in row}
            rows.append({name: (row | carried)[name] for name in self._proposal.sample.columns})
        return rows

    def _glue_parts(self, row: Row) -> Row:
        """Write the cells that are cut from their parts."""
        glued = {}
        for column, shapes in self._proposal.cuts.items():
            shape = shapes if isinstance(shapes, str) else shapes[0]
            texts = {
                part: row.get(part) or "Exemple" for part, source in self._proposal.parts.items() if source == column
            }
            glued[column] = re.sub(r"\{([^:}]+)[^}]*\}", lambda found: texts[found[1]], shape)  # noqa: B023  used at once
        return glued

    def _make_cells(self, choice: FieldChoice, spec: Spec, number: int) -> Row:
        """Write the cells that one converter reads."""
        kind = spec["kind"]
        if kind == "address":
            lines = dict.fromkeys(spec["lines"], _ADDRESS["lines"])
            return lines | {spec[part]: text for part, text in _ADDRESS.items() if part != "lines" and part in spec}
        if kind == "ref":
            columns = [spec["column"]] if isinstance(spec["column"], str) else spec["column"]
            prefix = {"ref": "EX"}.get(choice.field, spec["entity"][:2].upper())
            several = len(columns) > 1
            return {
                name: _write_like(self._proposal.evidence[name], number)
                if several
                else str(990_000 + number)
                if self._proposal.evidence[name].share("integer") == 1
                else f"{prefix}-{9000 + number}"
                for name in columns
            }
        if kind in ("date", "partial_date", "local_date_time"):
            return self._make_date(choice, spec, number)
        if "column" not in spec:
            return {}
        return {spec["column"]: _CELLS.get(kind, _write_example)(self, choice, spec, number)}

    def _make_date(self, choice: FieldChoice, spec: Spec, number: int) -> Row:
        """Write a day or a moment; what ends comes after what starts."""
        place = self._places.get(choice.field, 0)
        ends = _is_end(choice.field)
        moment = _START + timedelta(days=7 * number)
        if spec["kind"] == "local_date_time":
            moment += timedelta(hours=int(ends), minutes=place % 30)
        else:
            moment += timedelta(days=place + 60 * ends)
        if choice.field == "birth_date":
            moment = _BIRTH.replace(day=number % 28 + 1)
        text = moment.strftime(spec["formats"][0])
        if isinstance(spec["column"], str):
            return {spec["column"]: text}
        return dict(zip(spec["column"], text.split(" ", 1), strict=True))

    def list_words(self, file: str) -> tuple[str, ...]:
        """Return the words of a code table."""
        return self._tables.get(file, ())

    def get_example(self, field: str) -> Any:
        """Return the contract's own example of a field."""
        return self._facts[field].example


def _is_end(field: str) -> bool:
    """Whether a field tells when something ends."""
    return bool(set(field.split("_")) & set(_ENDS)) and not field.startswith(("start", "occurred"))


def _pick(words: Sequence[str], number: int) -> str:
    return next(islice(cycle(words), number - 1, None)) if words else ""


def _write_example(inventor: SampleInventor, choice: FieldChoice, _spec: Spec, number: int) -> str:
    """Write a text: a name where it is one, else the contract's example."""
    if choice.field.endswith("name") or choice.field.endswith("names"):
        return _pick(_FIRST_NAMES if "first" in choice.field else _LAST_NAMES, number)
    example = inventor.get_example(choice.field)
    return example if isinstance(example, str) else f"Exemple {number}"


def _write_code(inventor: SampleInventor, choice: FieldChoice, spec: Spec, number: int) -> str:
    if words := inventor.list_words(spec.get("table", "")):
        return _pick(words, number)
    example = inventor.get_example(choice.field)
    example = example[0] if isinstance(example, list) else example
    return str(example.get("original") or example.get("code") or "Exemple")


def _make_figure_writer(text: str) -> Callable[[SampleInventor, FieldChoice, Spec, int], str]:
    def write(_inventor: SampleInventor, _choice: FieldChoice, spec: Spec, _number: int) -> str:
        return text.split(",", maxsplit=1)[0] if spec.get("integer") else text.replace(",", spec.get("decimal", ","))

    return write


def _write_instant(_inventor: SampleInventor, choice: FieldChoice, _spec: Spec, number: int) -> str:
    return f"2025-01-{number % 28 + 1:02d}T{'09' if _is_end(choice.field) else '08'}:00:00+01:00"


_CELLS: Mapping[str, Callable[[SampleInventor, FieldChoice, Spec, int], str]] = {
    "code": _write_code,
    "word": _write_code,
    "yes_no": lambda _inventor, _choice, spec, number: _pick((spec["yes"][0], spec["no"][0]), number),
    "minutes": lambda _inventor, _choice, spec, _number: (
        "0,75".replace(",", spec.get("decimal", ",")) if spec.get("unit") == "hours" else "45"
    ),
    "duration": _make_figure_writer("00:45"),
    "number": _make_figure_writer("1,5"),
    "amount": _make_figure_writer("120,50"),
    "identifier": lambda _inventor, _choice, spec, number: _pick(
        # Numbers of known systems have a check key; for others any figures do.
        _NUMBERS.get(spec["system"], (f"{9_990_000 + number}",)),
        number,
    ),
    "telecom": lambda _inventor, _choice, spec, number: _TELECOMS[spec["of"]].format(n=number),
    "instant": _write_instant,
}


def _write_like(seen: Evidence, number: int) -> str:
    """Write a cell of the same kind as those of a column that no field holds."""
    moment = _START + timedelta(days=number)
    if seen.formats:
        return moment.strftime(seen.formats[0])
    if seen.clock:
        return moment.strftime(seen.clock)
    if seen.share("number") == 1:
        return str(990 + number)
    return f"exemple{number}@example.org" if seen.share("email") > 0.5 else f"Exemple {number}"


def make_oddities(proposal: Proposal, good: Sequence[Row]) -> list[Row]:
    """Spoil rows, one oddity each: no key, a day that is none, a word of no list, a figure that is none; one stays."""
    spoilt = [_spoil(proposal, kinds, cell) for kinds, cell in _ODD]
    # A proposal without a field of such a kind has one oddity less.
    cells = [columns for columns in spoilt if columns]
    return [good[0], *(row | columns for row, columns in zip(good[1:], cells, strict=False))]


_ODD = (
    (("ref",), ""),
    (("local_date_time", "date", "partial_date"), ""),
    (("word", "yes_no", "code"), "mot inconnu"),
    (("number", "amount", "minutes", "duration"), "beaucoup"),
)


def _spoil(proposal: Proposal, kinds: Sequence[str], cell: str) -> Row:
    """Return the cells that spoil a row: those of the first field of such a kind."""
    for choice in proposal.choices:
        spec = choice.specs[0]
        if spec["kind"] in kinds and "column" in spec:
            columns = [spec["column"]] if isinstance(spec["column"], str) else list(spec["column"])
            text = cell
            if "formats" in spec:
                # The 31st of February; without its time where that has a column of its own.
                form = spec["formats"][0].replace("%d", "31").replace("%m", "02")
                text = _START.strftime(form if len(columns) == 1 else form.split(" ", maxsplit=1)[0])
            return dict.fromkeys(columns if spec["kind"] == "ref" else columns[:1], text)
    return {}
