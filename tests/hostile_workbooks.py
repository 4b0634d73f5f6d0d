"""Small files that claim to be workbooks, each made to hurt whoever opens it."""

from __future__ import annotations

import io
import zipfile

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = f'<worksheet xmlns="{_MAIN}"><sheetData>{{rows}}</sheetData></worksheet>'
_TEXT = '<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _book(
    rows: str = "", *, sheets: int = 1, parts: int = 1, strings: str = "", extra: dict[str, bytes] | None = None
) -> bytes:
    listed = "".join(f'<sheet name="F{n}" sheetId="{n}" r:id="r{min(n, parts)}"/>' for n in range(1, sheets + 1))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, parts + 1)
    )
    if strings:
        links += f'<Relationship Id="s" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": _SHEET.format(rows=rows) for n in range(1, parts + 1)},
        **({"xl/sharedStrings.xml": strings} if strings else {}),
        **(extra or {}),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return stream.getvalue()


def _sparse() -> bytes:
    first, last = _TEXT.format(place="A1", text="id"), _TEXT.format(place="XFD1048576", text="x")
    return _book(f'<row r="1">{first}</row><row r="1048576">{last}</row>')


def _wide() -> bytes:
    """Make a sheet that fits the memory of the reader, but not its count of cells."""
    first, last = _TEXT.format(place="A1", text="id"), _TEXT.format(place="D600000", text="x")
    return _book(f'<row r="1">{first}</row><row r="600000">{last}</row>')


def _entities() -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE sst [<!ENTITY e0 "ha">{levels}]><sst xmlns="{_MAIN}"><si><t>&e9;</t></si></sst>'
    return _book('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=text)


TOO_BIG = {
    "one cell in each corner": _sparse(),
    "more cells than anybody fills in": _wide(),
    "a sheet that inflates a thousand times": _book(extra={"xl/worksheets/sheet2.xml": b"<row/>" * (5 << 20)}),
    "a file for each of thousands of sheets": _book(sheets=2000, parts=2000),
}
"""Claim more than an honest worksheet holds."""
NO_WORKSHEET = {
    "thousands of names for one sheet": _book(_TEXT.format(place="A1", text="id"), sheets=5000),
    "entities that expand": _entities(),
    "an archive cut in two": _sparse()[:700],
    "a text": b"bonjour\n",
    "nothing": b"",
}
"""Harmless once opened with care, but nothing that we wrote."""
ALL = TOO_BIG | NO_WORKSHEET
