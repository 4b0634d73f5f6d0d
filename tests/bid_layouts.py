"""Four layouts of one bid: records in JSON, templates in CSV and as a workbook, and a bidder's own columns."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import xlsxwriter

from passerelle.tender.scoring.reading import SampleReader, read_descriptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clean_bid import Bid, Row

Layout = tuple[list["Path"], tuple[SampleReader, ...]]


def _flatten(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flatten(f"{path}.{name}", part)
    elif isinstance(value, list):
        for place, part in enumerate(value, start=1):
            yield from _flatten(f"{path}.{place}", part)
    else:
        yield path, str(value)


def _to_cells(row: Row) -> dict[str, str]:
    return {column: cell for name, value in row.items() for column, cell in _flatten(name, value)}


def _table(rows: list[Row]) -> list[list[str]]:
    cells = [_to_cells(row) for row in rows]
    heads = list(dict.fromkeys(column for one in cells for column in one))
    return [heads, *([one.get(column, "") for column in heads] for one in cells)]


def _write_csv(path: Path, table: list[list[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(table)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def write_ndjson(folder: Path, bid: Bid) -> Layout:
    """Write records as JSON, a file for each contract."""
    paths = []
    for contract, rows in bid.items():
        path = folder / f"{contract.partition('/')[0]}.ndjson"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        paths.append(path)
    return paths, ()


def write_templates(folder: Path, bid: Bid) -> Layout:
    """Write filled-in templates as CSV."""
    files = [(folder / f"{contract.partition('/')[0]}.csv", rows) for contract, rows in bid.items()]
    return [_write_csv(path, _table(rows)) for path, rows in files], ()


def write_workbook(folder: Path, bid: Bid) -> Layout:
    """Write one workbook with a sheet for each contract."""
    path = folder / "export.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        for contract, rows in bid.items():
            sheet = workbook.add_worksheet(contract.partition("/")[0])
            for number, cells in enumerate(_table(rows)):
                for place, cell in enumerate(cells):
                    sheet.write_string(number, place, cell)
    return [path], ()


_HEADS = {
    "ref": ("Passage", "visit"),
    "person_ref": ("Usager", "person"),
    "professional_ref": ("Salarié", "professional"),
    "plan_ref": ("Plan", "funded_plan"),
}
_MOMENTS = {
    f"{kind}_{end}": f"{head} {word}"
    for kind, word in (("planned", "prévu"), ("stamped", "pointé"), ("retained", "retenu"))
    for end, head in (("start", "Début"), ("end", "Fin"))
}
_OWN = "\n".join(
    (
        'id = "orme"',
        'title = "Orme (candidat inventé)"',
        "[connector.orme-visites]",
        'title = "Orme : visites"',
        "[connector.orme-visites.dialect]",
        'kind = "csv"',
        'delimiter = ","',
        "[connector.orme-visites.table.visites]",
        'contract = "visit/1"',
        "[connector.orme-visites.table.visites.fields]",
        *(
            f'{name} = {{ kind = "ref", column = "{head}", entity = "{entity}", system = "s" }}'
            for name, (head, entity) in _HEADS.items()
        ),
        *(
            f'{name} = {{ kind = "local_date_time", column = "{head}", formats = ["%d/%m/%Y %H:%M:%S"] }}'
            for name, head in _MOMENTS.items()
        ),
        'status = { kind = "word", column = "Etat", table = { "Fait" = "done" } }',
        'billed_quantity = { kind = "number", column = "Heures" }',
        'billed_unit = { kind = "constant", value = "hour" }',
        'comment = { kind = "text", column = "Note" }',
        "",
    )
)


def write_own_columns(folder: Path, bid: Bid) -> Layout:
    """Write visits under a bidder's own heads and in the clock of the place, described in TOML; the rest as JSON."""
    paths, _readers = write_ndjson(folder, {name: rows for name, rows in bid.items() if name != "visit/1"})
    rows = []
    for visit in bid["visit/1"]:
        row = {head: visit[name].rpartition(":")[2] for name, (head, _entity) in _HEADS.items()}
        row |= {head: _write_local(visit[name]) for name, head in _MOMENTS.items()}
        rows.append(
            {**row, "Etat": "Fait", "Heures": visit["billed_quantity"].replace(".", ","), "Note": visit["comment"]}
        )
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "passages.csv").write_text(text.getvalue(), encoding="utf-8")
    (folder / "orme.toml").write_text(_OWN, encoding="utf-8")
    return [*paths, folder / "passages.csv"], read_descriptions(folder / "orme.toml")


def _write_local(moment: str) -> str:
    return f"{moment[8:10]}/{moment[5:7]}/{moment[:4]} {moment[11:19]}"


LAYOUTS = {"ndjson": write_ndjson, "csv": write_templates, "xlsx": write_workbook, "own": write_own_columns}
