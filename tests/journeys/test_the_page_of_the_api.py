"""The lines of `docs/api.md` with curl, run against a real server, with what a reader puts in place of the names."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from live_api_room import SETTINGS, follow, make_visit, open_api

from passerelle.vocabulary.reasons import REASONS

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
(TAKING,) = re.findall(r"```toml\n(\[flow\.remis\].*?)```", PAGE, re.DOTALL)
DELETING = '{ kind = "shelf", days = 400 }\nvanished = "delete"'
LINES = [line for line in PAGE.splitlines() if line.startswith("curl ")]


@pytest.mark.skipif(not shutil.which("curl") or os.name != "posix", reason="the page is for who has a shell with curl")
def test_every_line_of_the_page_does_what_it_says(tmp_path):
    (tmp_path / "sorties").mkdir()
    settings = SETTINGS + TAKING.replace('{ kind = "folder", path = "sorties" }', DELETING)
    with open_api(tmp_path, settings=settings) as room:
        for number in range(6):
            room.shelf.put_record("visit/1", make_visit(number))
        token = room.make_token(may_bulk=True, may_write=True)
        with room.make_client(token) as client:
            _there, cursor = follow(client, "/v1/visit/1")
        names = {"JETON": token, "API": room.url, "CURSEUR": cursor}

        def call(line: str) -> str:
            done = subprocess.run(
                ["/bin/sh", "-c", line],
                env=os.environ | names,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            if done.stdout.startswith('{"receipt"') and "RECU" not in names:
                names["RECU"] = json.loads(done.stdout)["receipt"]
            return done.stdout

        (tmp_path / "visite.json").write_text(json.dumps(make_visit(7)), "utf-8")
        *lines, one, put, delete, check = LINES
        *answers, stream, handed, told = map(call, lines)
        written, gone = write_one(room, call, names, (one, put, delete), tmp_path / "visite.json")
        (tmp_path / "visite.json").write_text(json.dumps(make_visit(7)), "utf-8")
        verdict = call(check)
        filtered, paged, changes, document = map(json.loads, answers)
        assert len(filtered["records"]) == 3
        assert len(paged["records"]) == 2
        assert paged["next"]
        assert (changes["records"], changes["more"]) == ([], False)
        assert "/visit/1" in document["paths"]
        assert json.loads(stream.splitlines()[-1])["counts"] == {"visit/1": 6}
        assert written["receipt"] != gone["receipt"]
        assert json.loads(told)["receipt"] == json.loads(handed)["receipt"]
        assert json.loads(verdict) == {"records": 1, "warnings": []}


def write_one(room, call, names, lines, path):
    """Call the lines by which one record is read, written and deleted; return both receipts."""
    one, put, delete = lines
    # what the flow of the page took before, as its shelf has it
    room.shelf.put_record("visit/1", make_visit(7, ref="agenda:visit:7"), flow="remis")
    with room.make_client(names["JETON"]) as client:
        names["REF"] = follow(client, "/v1/visit/1", names["CURSEUR"])[0].popitem()[0]
    head, body = call(one).split("\n\n")
    (names["ETAG"],) = re.findall(r"(?i)^etag: (.*?)$", head, re.MULTILINE)
    path.write_text(json.dumps(json.loads(body) | {"status": "cancelled"}), "utf-8")
    return json.loads(call(put)), json.loads(call(delete))


def test_every_code_that_the_page_names_exists():
    assert set(re.findall(r"api\.\w+\.\w+", PAGE)) <= set(REASONS)
