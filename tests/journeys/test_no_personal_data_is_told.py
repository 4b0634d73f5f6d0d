"""Marked personal values, written in many ways, go through every failure; none comes out where it should not."""

from __future__ import annotations

import base64
import http.server
import json
import shutil
import sqlite3
import threading
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import xlsxwriter
from journeying import HEADER, to_api, to_files
from marked_values import MARKS, NIR, PHONE, find_marks

if TYPE_CHECKING:
    from pathlib import Path

REFUSING = f"compani:person:refused{MARKS[24]}"
COMMANDS = (["run"], ["status", "--format", "json"], ["quarantine", "list", "--format", "json"])
FORMS = (["status"], ["status", "--format", "html"], ["status", "--format", "prometheus"])
EXPECTED = (
    "decode.row.too_many_cells",
    "decode.row.too_few_cells",
    "translate.time.malformed",
    "translate.time.missing",
    "translate.number.malformed",
    "translate.row.no_table",
    "validate.field.missing",
    "gate.consent.refused",
    "deliver.record.refused",
    "incident.supplier.unreachable",
    "incident.credentials.refused",
    "translate.column.missing",
)
"""Failures that the journey must really have met."""


def _row(number: int, **cells: str) -> str:
    values = {
        "type": "Intervention",
        "service": f"Aide {MARKS[0]}",
        "planned": f"2024/05/{1 + number % 28:02d} 10:00:00",
        "stamp": f"2024/05/{1 + number % 28:02d} 10:01:00",
        "end": f"2024/05/{1 + number % 28:02d} 11:00:00",
        "hours": "1,00",
        "team": MARKS[1],
        "worker": f"w{number}{MARKS[2]}",
        "worker_name": MARKS[3],
        "person": f"p{number}{MARKS[4]}",
        "person_name": MARKS[5],
        "note": f"{MARKS[6]} {PHONE} {NIR}",
        "billed": "Non",
        **cells,
    }
    return (
        '"{type}";;"{service}";"{planned}";"{stamp}";"QR Code";;"{end}";;;;"{hours}";"Jamais";;;"{team}";"{worker}";;'
        '"{worker_name}";"X";"Non";"{person}";"Mme";"{person_name}";"Y";"{note}";"{billed}";"Non";;'
    ).format(**values)


def _export() -> bytes:
    rows = [
        HEADER,
        _row(1),
        _row(2, planned=MARKS[7]),
        _row(3, planned=f"2024/02/31 {MARKS[8]}"),
        _row(4, hours=f"deux {MARKS[9]}"),
        _row(5, hours=f"-{MARKS[10]},5"),
        _row(6, billed=MARKS[11]),
        _row(7, service="x" * 300 + MARKS[12]),
        _row(8, person=""),
        _row(9, person=MARKS[13] * 30),
        _row(10, type=MARKS[14]),
        _row(11, type="Heure interne", note=MARKS[15]),
        _row(12) + f";{MARKS[16]}",
        f'"Intervention";"{MARKS[17]}"',
        _row(13, note=f'{MARKS[18]}" suite'),
        _row(14, note=f"{MARKS[19]}\x00"),
        _row(15, note=f"{MARKS[20]}\ufffd"),
        _row(16, end="2024/05/17 09:00:00", note=MARKS[21]),
        _row(17, end="2024/05/18 23:59:00", note=MARKS[22]),
        _row(18, planned="2024/03/31 02:30:00", note=MARKS[23]),
        _row(19, person=f"refused{MARKS[24]}"),
        _row(20, end="2024/05/28 23:59:59", service=MARKS[25], person=f"p20{MARKS[26]}"),
        _row(21, worker=MARKS[27], team=MARKS[28], note=MARKS[29]),
        _row(22, stamp=MARKS[30]),
        _row(23, end=MARKS[31]),
    ]
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode() + _broken_bytes()


def _broken_bytes() -> bytes:
    return _row(24, note=MARKS[32]).encode() + b"\xff\xfe\r\n" + _row(25, note=f'"{MARKS[33]}').encode() + b"\r\n"


@pytest.fixture
def quarrelsome():
    """A destination that answers each time with another failure, repeating what it was sent."""
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        turn = 0

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            paths.append(self.path)
            Handler.turn += 1
            status = (500, 422, 400, 201, 409, 418)[Handler.turn % 6]
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


def test_nothing_personal_is_told_or_kept_in_clear(workshop, stand_in, quarrelsome):
    url, paths = quarrelsome
    _fill(workshop.folder)
    workshop.write(to_api(url))
    consent = workshop.command("consent", "refuse", REFUSING, "--purpose", "effectivity")
    assert consent.returncode == 0
    told = [consent.stderr]  # the operator typed the reference: standard output may confirm it, the log may not
    for base in (stand_in(faults=0.3).url, url, "http://127.0.0.1:9"):
        workshop.write(to_api(base))
        told += _tell(workshop, *COMMANDS)
        _again(workshop.folder)
    workshop.environment["STAND_IN_TOKEN"] = MARKS[34]
    workshop.write(to_api(stand_in(faults=0).url))
    told += _tell(workshop, *COMMANDS, *FORMS, ["quarantine", "list"])
    assert {code for code in EXPECTED if not any(code in text for text in told)} == set()
    assert {mark for text in told for mark in find_marks(text.encode())} == set()
    assert [path for path in paths if find_marks(path.encode())] == []
    kept = [path for path in (workshop.folder / "etat").rglob("*") if path.is_file()]
    assert {path.name: find_marks(path.read_bytes()) for path in kept if find_marks(path.read_bytes())} == {}


def _fill(folder: Path) -> None:
    (folder / "entrants" / f"export {MARKS[35]}.csv").write_bytes(_export())
    (folder / "entrants" / f"vide {MARKS[36]}.csv").write_bytes(b"")
    (folder / "entrants" / f"autre {MARKS[37]}.csv").write_bytes(f'"{MARKS[38]}";"b"\r\n1;2\r\n'.encode())
    (folder / "entrants" / f"binaire {MARKS[39]}.csv").write_bytes(b"\x89PNG" + MARKS[0].encode() + b"\x00" * 50)


def _again(folder: Path) -> None:
    """Let the next destination see everything afresh."""
    for path in (folder / "etat").iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "cle":
            path.unlink()
    # a keyring without its journal is a journal that was lost
    shutil.rmtree(folder / "etat-trousseau")
    for path in (folder / "entrants" / "archives").iterdir():
        path.rename(folder / "entrants" / path.name)


def _tell(workshop, *commands: list[str]) -> list[str]:
    done = [workshop.command(*words) for words in commands]
    return [text for one in done for text in (one.stdout, one.stderr)]


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_check_tells_nothing_personal(workshop, form):
    path = workshop.folder / "essai.csv"
    path.write_bytes(_export())
    done = workshop.command("check", str(path), "--connector", "compani-interventions", "--format", form)
    assert find_marks((done.stdout + done.stderr).encode()) == []
    assert done.returncode == 1


def _write(number: int) -> tuple[str, ...]:
    """Return a mark as suppliers write it: composed, not composed, percent-encoded, in base64."""
    mark = MARKS[number]
    return (
        mark,
        unicodedata.normalize("NFD", mark),
        quote(mark),
        base64.b64encode(f"<p>{mark} </p>".encode()).decode(),
    )


def _fill_every_way(folder: Path) -> None:
    """Drop files of four formats, with marks in cells, headers, names of sheets, keys, attributes, file names."""
    for name in ("visites", "contacts", "rsa", "classeurs", "table"):
        (folder / "entrants" / name).mkdir()
    notes = [_row(30 + nth, note=written) for number in (40, 41) for nth, written in enumerate(_write(number))]
    wide = HEADER + f';"{MARKS[42]}"'
    rows = [wide, *(f'{row};"{MARKS[43]}"' for row in notes), _row(40, planned=MARKS[44]) + f';"{MARKS[45]}"']
    text = "\r\n".join(rows) + "\r\n"
    visits = folder / "entrants" / "visites"
    (visits / f"utf8 {MARKS[46]}.csv").write_bytes(("\ufeff" + text).encode())
    (visits / f"latin {quote(MARKS[47])}.csv").write_bytes(text.encode("latin-1", "replace"))
    (visits / f"utf16 {MARKS[48]}.csv").write_bytes(text.encode("utf-16"))
    contact = {"id": MARKS[49], MARKS[50]: MARKS[51], "comment": MARKS[52], "insured": {"id": MARKS[53]}}
    content = json.dumps({"contacts": [contact, {"id": [MARKS[54]]}]})
    (folder / "entrants" / "contacts" / f"{MARKS[55]}.json").write_text(content)
    (folder / "entrants" / "rsa" / "flux.xml").write_bytes(
        f'<?xml version="1.0" encoding="windows-1252"?><Racine {quote(MARKS[56]).replace("%", "_")}="{MARKS[57]}">'
        f"<InfosFoyerRSA><NOM a='{MARKS[58]}'>{MARKS[59]}</NOM></InfosFoyerRSA></Racine>".encode("cp1252")
    )
    with xlsxwriter.Workbook(folder / "entrants" / "classeurs" / f"{MARKS[60]}.xlsx") as book:
        sheet = book.add_worksheet(MARKS[61])
        sheet.write_row(0, 0, [MARKS[62], "b"])
        sheet.write_row(1, 0, [MARKS[63], MARKS[64]])
    (folder / "entrants" / "table" / "t.csv").write_bytes(
        ("\ufeff" + "\r\n".join([HEADER, _row(50), _row(51)])).encode()
    )


def _settle_every_way(workshop, url: str) -> None:
    """Settle flows of these formats: to files, to an API that repeats all it gets, to a table whose errors speak."""
    base = workshop.folder / "base.sqlite3"
    others = "".join(
        f"""
[flow.{name}]
connector = "{connector}"
purpose = "support"
source = {{ kind = "folder", path = "entrants/{name}", quiet_seconds = 0 }}
destination = {{ kind = "folder", path = "sortants/{name}", format = "{form}" }}
"""
        for name, connector, form in (
            ("contacts", "grc-contacts", "csv"),
            ("rsa", "cnaf-rsa-flux", "ndjson"),
            ("classeurs", "carnet-de-bord-beneficiaries-xlsx", "ndjson"),
        )
    )
    table = to_files('kind = "database", url = "base.sqlite3"').split("[flow.visites]")[1]
    visits = to_api(url).replace('"entrants"', '"entrants/visites"')
    workshop.write(visits + others + "[flow.table]" + table.replace('"entrants"', '"entrants/table"'))
    with closing(sqlite3.connect(base)) as connection:
        connection.execute("CREATE TABLE passerelle_visit_1 (ref TEXT PRIMARY KEY)")
        # what a database says of a row that it refuses repeats the row
        connection.execute(
            "CREATE TRIGGER speaks BEFORE INSERT ON passerelle_visit_1 "
            f"BEGIN SELECT RAISE(ABORT, '{MARKS[65]} {MARKS[66]}'); END"
        )
    base.chmod(0o600)


def test_no_way_of_writing_a_value_comes_out_or_lies_in_clear(workshop, quarrelsome):
    url, _paths = quarrelsome
    _fill_every_way(workshop.folder)
    _settle_every_way(workshop, url)
    (workshop.folder / "tmp").mkdir()
    workshop.environment["TMPDIR"] = str(workshop.folder / "tmp")
    done = [workshop.command(*words) for words in (["run"], ["status", "--format", "json"], ["doctor"], *FORMS)]
    assert "flows" in json.loads(done[1].stdout), done[1].stdout + done[1].stderr
    codes = {row["state"] for flow in json.loads(done[1].stdout)["flows"] for row in flow["parcels"]}
    assert len(codes) > 1, "some parcels go, some are parked"
    # Names of columns are shown to the operator, through the one function that shows them; they are in no log.
    assert {mark for one in done for mark in find_marks(one.stderr.encode())} <= _SHOWN
    assert {mark for one in done for mark in find_marks(one.stdout.encode())} <= _SHOWN
    kept = [path for name in ("etat", "tmp") for path in (workshop.folder / name).rglob("*")]
    assert [path.name for path in kept if find_marks(path.name.encode())] == []
    found = {path.name: find_marks(path.read_bytes()) for path in kept if path.is_file()}
    assert {name: marks for name, marks in found.items() if marks} == {}


_SHOWN = {MARKS[number] for number in (42, 50, 56, 61, 62)}
"""Names of columns, keys and sheets."""


def test_every_writing_of_a_mark_is_found():
    for mark in (MARKS[0], MARKS[40]):
        for form in ("NFC", "NFD"):
            text = unicodedata.normalize(form, f"un {mark} deux")
            for written in (
                text.encode(),
                text.encode("utf-16"),
                quote(text).encode(),
                json.dumps(text).encode(),
                base64.b64encode(text.encode()),
                base64.b64encode(f"x{text}".encode()),
                base64.b64encode(f"xy{text}".encode()),
                text.encode().hex().encode(),
            ):
                assert find_marks(b"-" + written) == [mark]
    assert find_marks(MARKS[40].encode("latin-1")) == [MARKS[40]]
    assert len(MARKS) >= 60
