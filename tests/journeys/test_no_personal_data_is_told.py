"""Forty marked personal values go through every failure; none of them comes out where it should not."""

from __future__ import annotations

import http.server
import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from journeying import HEADER, to_api

if TYPE_CHECKING:
    from pathlib import Path

MARKS = [f"Kanari{number:02d}zq" for number in range(40)]
"""No other text of the house contains one of these."""
REFUSING = f"compani:person:refused{MARKS[24]}"
PHONE, NIR = "0612345678", "188057512345644"
COMMANDS = (["run"], ["status", "--format", "json"], ["quarantine", "list", "--format", "json"])
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
LOOKED_FOR = [mark.encode() for mark in MARKS] + [PHONE.encode(), NIR.encode()]


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


def _marks_in(content: bytes) -> list[str]:
    return sorted({mark.decode() for mark in LOOKED_FOR if mark in content})


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
    told += _tell(workshop, *COMMANDS, ["status"], ["quarantine", "list"])
    assert {code for code in EXPECTED if not any(code in text for text in told)} == set()
    assert {mark for text in told for mark in _marks_in(text.encode())} == set()
    assert [path for path in paths if _marks_in(path.encode())] == []
    kept = [path for path in (workshop.folder / "etat").rglob("*") if path.is_file()]
    assert {path.name: _marks_in(path.read_bytes()) for path in kept if _marks_in(path.read_bytes())} == {}


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
    assert _marks_in((done.stdout + done.stderr).encode()) == []
    assert done.returncode == 1
