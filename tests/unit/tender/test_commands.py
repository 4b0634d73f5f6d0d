"""`passerelle tender` and `passerelle register`, as they are typed."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace

import pytest

from passerelle.contracts.field_meta import Purpose
from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak
from passerelle.faces.cli.tender.build import _format_report
from passerelle.faces.cli.tender.new import TRADES
from passerelle.tender import consultation, order_file, trades
from passerelle.tender.building import changes
from passerelle.tender.building.writing import BuildResult


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Give what runs a command in a folder of its own: `code, out, err = typed("tender", …, answers=["…"])`."""
    monkeypatch.chdir(tmp_path)
    for name in ("PASSERELLE_LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "en")
    speak("en")

    def ran(*arguments, answers=()):
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{answer}\n" for answer in answers)))
        code = run(list(map(str, arguments)))
        told = capsys.readouterr()
        return code, told.out, told.err

    return ran


def test_the_trades_of_the_command_are_those_there_are():
    assert sorted(TRADES) == sorted(trades.list_trades())


def test_new_asks_nothing_when_told_so_and_writes_what_the_trade_proposes(typed, tmp_path):
    code, out, _err = typed("tender", "new", "consultation", "--trade", "esms", "--yes", "--date", "2027-01-15")
    assert code == 0
    assert "tender.toml" in out
    begun = order_file.load(tmp_path / "consultation")
    assert (begun.tender.trade, begun.tender.date) == ("esms", "2027-01-15")


def test_new_asks_who_writes_how_much_and_what_matters(typed, tmp_path):
    proposed = trades.get_trade("saad")
    volumes = [str(place + 1) for place in range(len(proposed.volumes))]
    records = ["y" if contract in ("person/1", "visit/1") else "n" for contract in proposed.contracts]
    purposes = ["n" if purpose is Purpose.BILLING else "y" for purpose in proposed.purposes]
    systems = ["y", "n"]
    answers = ["saad", "Aide des Tilleuls", "", "T-9", *volumes, *records, *purposes, *systems, "20"]
    assert typed("tender", "new", "consultation", answers=answers)[0] == 0
    begun = order_file.load(tmp_path / "consultation")
    assert (begun.tender.buyer, begun.tender.id) == ("Aide des Tilleuls", "T-9")
    assert [str(count) for count in begun.volumes.values()] == volumes
    assert list(begun.contract) == ["person/1", "visit/1"]
    assert set(begun.tender.purposes) == set(proposed.purposes) - {Purpose.BILLING}
    assert [wired.name for wired in begun.system] == [proposed.systems[0]["name"]]
    assert begun.reversibility.delay_days == 20


@pytest.mark.parametrize(("agreed", "refused"), [("oui", "non"), ("o", "n"), ("YES", "No"), ("y", "n")])
def test_new_understands_yes_and_no_in_both_languages(typed, tmp_path, agreed, refused):
    proposed = trades.get_trade("saad")
    records = [agreed if contract == "visit/1" else refused for contract in proposed.contracts]
    answers = ["saad", "", "", "", *([""] * len(proposed.volumes)), *records]
    answers += [agreed] * (len(proposed.purposes) + len(proposed.systems)) + [""]
    assert typed("tender", "new", "consultation", answers=answers)[0] == 0
    assert list(order_file.load(tmp_path / "consultation").contract) == ["visit/1"]


def test_new_asks_again_what_is_neither_yes_nor_no(typed, tmp_path):
    proposed = trades.get_trade("saad")
    answers = ["saad", "", "", "", *([""] * len(proposed.volumes)), "perhaps", "", *([""] * 30)]
    code, out, err = typed("tender", "new", "consultation", answers=answers)
    assert code == 0
    assert "answer yes or no" in out + err
    assert list(order_file.load(tmp_path / "consultation").contract) == list(proposed.contracts)


def test_new_takes_a_file_that_is_written_already_once_it_is_right(typed, tmp_path, seen):
    assert typed("tender", "new", "consultation", "--from", seen / "tender.toml")[0] == 0
    assert (tmp_path / "consultation" / "tender.toml").read_bytes() == (seen / "tender.toml").read_bytes()
    (tmp_path / "wrong.toml").write_text("[tender]\nid = 3\n", "utf-8")
    code, _out, err = typed("tender", "new", "other", "--from", "wrong.toml")
    assert code == 64
    assert "tender.toml" not in {path.name for path in tmp_path.rglob("*") if path.parent.name == "other"}
    assert "wrong.toml" in err


def test_new_leaves_what_is_there_as_it_is(typed):
    assert typed("tender", "new", "consultation", "--yes")[0] == 0
    code, _out, err = typed("tender", "new", "consultation", "--yes")
    assert code == 64
    assert "exists already" in err


@pytest.mark.parametrize("day", ["2027-1-15", "15/01/2027", "2027-13-01", "2027-02-30", "20270115"])
def test_a_day_is_written_as_a_day(typed, day):
    code, _out, err = typed("tender", "new", "consultation", "--yes", "--date", day)
    assert code == 64
    assert "2026-11-21" in err


def test_build_says_what_it_wrote_as_text_and_as_json(typed, tmp_path, seen):
    typed("tender", "new", "consultation", "--from", seen / "tender.toml")
    (tmp_path / "consultation" / "exigences.json").write_bytes((seen / "exigences.json").read_bytes())
    (tmp_path / "consultation" / "numeros.toml").write_bytes((seen / "numeros.toml").read_bytes())
    changed = (tmp_path / "consultation" / "tender.toml").read_text("utf-8").replace('tasks = "S"', 'tasks = "I"')
    (tmp_path / "consultation" / "tender.toml").write_text(changed, "utf-8")
    code, out, _err = typed("tender", "build", "consultation", "--format", "json")
    assert code == 0
    told = json.loads(out)
    assert told["schema"] == "passerelle.tender.build/1"
    assert sum(told["requirements"].values()) > told["measured"] > 0
    assert all((tmp_path / "consultation" / name).exists() for name in told["files"])
    assert len(told["changes"]["changed"]) == 1


def test_what_was_built_is_told_in_words(seen):
    speak("en")
    before = consultation.read(seen)
    after = replace(before, requirements=before.requirements[1:])
    told = _format_report(BuildResult(after, changes.compare_states(before, after), ("exigences.json",)), seen)
    assert "measured on a sample" in told
    assert "exigences.json" in told
    assert "CHANGEMENTS.md" in told


def test_build_without_an_order_says_how_to_begin(typed):
    code, _out, err = typed("tender", "build", "nowhere")
    assert code == 64
    assert "tender new" in err


FLOW = """
[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
source = { kind = "folder", path = "entrees" }
destination = { kind = "folder", path = "sorties" }
"""


def test_register_writes_every_form_and_says_that_it_is_a_draft(typed, tmp_path):
    (tmp_path / "passerelle.toml").write_text(FLOW, "utf-8")
    code, out, _err = typed("register", "--output", "registre")
    assert code == 0
    assert {path.name for path in (tmp_path / "registre").iterdir()} == {
        "registre.html", "registre.xlsx", "registre.json"
    }  # fmt: skip
    assert "draft" in out
    assert "serve no flow" in out


def test_register_shows_json_or_writes_it(typed, tmp_path):
    (tmp_path / "passerelle.toml").write_text(FLOW, "utf-8")
    shown = json.loads(typed("register", "--format", "json")[1])
    assert shown["schema"] == "passerelle.register/1"
    assert shown["activities"][0]["flow"] == "visites"
    assert typed("register", "--format", "json", "--output", "registre")[1] == ""
    assert json.loads((tmp_path / "registre" / "registre.json").read_text("utf-8")) == shown


def test_register_needs_settings(typed):
    assert typed("register")[0] == 64
