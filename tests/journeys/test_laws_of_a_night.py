"""What a night's run promises: once, in order, accounted for, and clear about what to do."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from calamine_sheets import read_sheet, write_sheet
from journeying import HEADER, TAKES_ALL, to_api, to_files, visits

WHY = "corriger le mois de l'intervention"
FOLDER = 'kind = "folder", path = "sortants"'


def _drop(workshop, name, text):
    (workshop.folder / "entrants" / name).write_text(text, "utf-8", newline="")


def _run(workshop, *words, **variables):
    done = workshop.command("run", "--format", "json", *words, **variables)
    return done.returncode, json.loads(done.stdout)["flows"][0] if done.stdout else {}


def _delivered(workshop):
    lines = [line for path in (workshop.folder / "sortants").glob("*.ndjson") for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def test_the_same_file_dropped_again_is_compared_and_a_changed_record_goes_out_alone(workshop):
    workshop.write(to_files(FOLDER))
    _drop(workshop, "lundi.csv", visits(30))
    assert _run(workshop)[1]["balance"]["delivered"] == 30
    _drop(workshop, "encore-lundi.csv", visits(30))
    again = _run(workshop)[1]["balance"]
    assert (again["received"], again["unchanged"]) == (30, 30)
    lines = visits(32).split("\r\n")
    lines[4] = lines[4].replace("29:40", "31:15")
    _drop(workshop, "mardi.csv", "\r\n".join(lines))
    code, flow = _run(workshop)
    assert code == 0
    assert {name: flow["balance"][name] for name in ("received", "delivered", "unchanged")} == {
        "received": 32,
        "delivered": 3,
        "unchanged": 29,
    }
    assert _run(workshop)[1]["balance"]["received"] == 0
    assert len(_delivered(workshop)) == 33


def test_a_supplier_that_is_down_makes_the_batch_wait_and_nothing_is_lost(workshop, stand_in):
    workshop.write(to_api("http://127.0.0.1:9"))
    _drop(workshop, "lundi.csv", visits(12))
    code, flow = _run(workshop)
    assert (code, flow["parcels"]["waiting"]) == (75, 1)
    assert flow["trouble"]["reason"] == "incident.supplier.unreachable"
    server = stand_in(faults=0)
    workshop.write(to_api(server.url))
    assert _run(workshop)[0] == 75, "the wait is kept"
    assert workshop.command("flow", "resume", "visites").returncode == 0
    code, flow = _run(workshop)
    assert (code, flow["balance"]["delivered"]) == (0, 12)
    assert len(server.effects()) == 12


def test_a_refused_token_suspends_the_flow_until_somebody_acts(workshop, stand_in):
    server = stand_in(faults=0)
    workshop.write(to_api(server.url))
    _drop(workshop, "lundi.csv", visits(5))
    code, flow = _run(workshop, STAND_IN_TOKEN="expired")
    assert (code, flow["suspended"]["reason"]) == (2, "incident.credentials.refused")
    assert flow["suspended"]["advice"]
    assert _run(workshop)[0] == 2, "a right token alone does not wake the flow"
    workshop.command("flow", "resume", "visites")
    assert _run(workshop)[1]["balance"]["delivered"] == 5


def test_a_file_whose_columns_changed_is_parked_and_the_next_one_goes_on(workshop):
    workshop.write(to_files(FOLDER))
    _drop(workshop, "a-renomme.csv", visits(3).replace('"Id Bénéficiaire"', '"Identifiant bénéficiaire"'))
    _drop(workshop, "b-bon.csv", visits(4, first=100))
    code, flow = _run(workshop)
    assert (code, flow["parcels"]["parked"], flow["balance"]["delivered"]) == (1, 1, 4)


def test_a_row_is_corrected_in_the_spreadsheet_and_replayed(workshop):
    workshop.write(to_files(FOLDER))
    lines = visits(6).split("\r\n")
    lines[3] = lines[3].replace("2024/05", "2024/13")
    _drop(workshop, "lundi.csv", "\r\n".join(lines))
    assert _run(workshop)[0] == 1
    sheet = workshop.folder / "quarantaine.xlsx"
    shown = workshop.command("quarantine", "export", "--reveal", "--output", str(sheet))
    assert shown.returncode == 64, "values are shown only with a reason"
    shown = workshop.command("quarantine", "export", "--reveal", "--why", WHY, "--output", str(sheet))
    assert shown.returncode == 0
    rows = read_sheet(sheet)
    write_sheet(sheet, [[str(cell).replace("2024/13", "2024/05") for cell in row] for row in rows])
    assert workshop.command("quarantine", "replay", "--from", str(sheet)).returncode == 0
    code, flow = _run(workshop)
    assert (code, flow["balance"]["delivered"]) == (0, 1)
    assert len(_delivered(workshop)) == 6
    left = json.loads(workshop.command("quarantine", "list", "--format", "json").stdout)
    assert left["causes"] == []


def test_two_runs_of_one_flow_do_not_meet(workshop, stand_in):
    server = stand_in(faults=0, latency_ms=60)
    workshop.write(to_api(server.url))
    _drop(workshop, "lundi.csv", visits(60))
    first = subprocess.Popen(
        workshop.line("run"),
        cwd=workshop.folder,
        env=workshop.variables(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    codes = []
    while first.poll() is None:
        codes.append(_run(workshop)[0])
    assert {first.returncode, *codes} == {0, 75}
    assert workshop.balance("visites") == {"delivered": 60}
    assert len(server.effects()) == 60


@pytest.mark.slow
def test_however_many_rows_run_in_less_than_five_hundred_megabytes(workshop):
    rows = 1_000_000 if TAKES_ALL else 100_000
    workshop.write(to_files(FOLDER).replace("block_bytes = 4096\n", ""))
    path = workshop.folder / "entrants" / "large.csv"
    row = (
        '"Intervention";;"Lever";"2024/05/{day:02d} {hour:02d}:00:00";"2024/05/{day:02d} {hour:02d}:01:00";"QR Code";;'
        '"2024/05/{day:02d} {hour:02d}:30:00";;;;"0,50";;;;;{worker:x};;"A";"B";"Non";{person:x};"Mme";"C";"D";;'
        '"Non";"Non";;\r\n'
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEADER + "\r\n")
        for number in range(rows):
            words = {"day": 1 + number % 28, "hour": number // 28 % 24, "worker": number % 977, "person": number}
            stream.write(row.format(**words))
    program = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL); print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, *workshop.line("run")],
        cwd=workshop.folder,
        env=workshop.variables(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    code, kilobytes = (int(word) for word in told.split())
    assert code == 0
    assert workshop.balance("visites") == {"delivered": rows}
    assert kilobytes < 500 * 1024
