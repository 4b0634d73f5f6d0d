"""A description is written where runs read it, by whoever may, and never over another that nobody saw."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workbench_room import PLUGINS, SETTINGS, settle_in

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workshop.description_applying import apply_description, find_place
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.extension.loading import describe_file, list_described, load_plugins
from passerelle.stores.description_drafts import DescriptionContent
from passerelle.vocabulary.errors import SettingsError, UsageError

TEXT = """id = "agenda"
title = "Agenda"

[connector.agenda-interaction]
title = "Contacts"

[connector.agenda-interaction.dialect]
kind = "csv"

[connector.agenda-interaction.table.rows]
contract = "interaction/1"

[connector.agenda-interaction.table.rows.fields]
ref = { kind = "ref", column = "Id", entity = "interaction" }
person_ref = { kind = "ref", column = "Personne", entity = "person" }
occurred_on = { kind = "date", column = "Date" }
channel = { kind = "code", column = "Canal", table = "codes/agenda/channel.csv", system = "channels" }
motives = [{ kind = "code", column = "Motif" }]
"""
CONTENT = DescriptionContent("agenda", TEXT, {"codes/agenda/channel.csv": {"Tél.": "phone"}})
WHY = "export de novembre lu"


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "logiciels").mkdir()
    (tmp_path / "logiciels" / "autre.toml").write_text(
        TEXT.replace("agenda", "autre").replace(', table = "codes/autre/channel.csv", system = "channels"', ""), "utf-8"
    )
    settings = SETTINGS.replace('state = "etat"', 'state = "etat"\nsuppliers = ["logiciels/*.toml"]')
    with open_workspace(load_settings(settle_in(tmp_path, settings)), plugins=PLUGINS) as opened:
        yield opened


def apply(workspace, content=CONTENT, *, why: str = WHY, replaced: str = ""):
    return apply_description(workspace, content, why=why, who="ali", replaced=replaced)


def fail(act) -> str:
    with pytest.raises((UsageError, SettingsError)) as caught:
        act()
    return caught.value.code


def test_a_description_stands_where_the_settings_have_runs_read_it(workspace, tmp_path):
    place = apply(workspace)
    assert (place.path, place.is_read) == (tmp_path / "logiciels" / "agenda.toml", True)
    assert place.path.read_text("utf-8") == TEXT
    loaded = load_plugins((), among=(), local=list_described(tmp_path, ["logiciels/*.toml"]))
    assert set(loaded.connectors) == {"agenda-interaction", "autre-interaction"}
    (entry,) = workspace.journal.list_audit_entries()
    assert (entry.action, entry.subject, entry.why, entry.who) == (
        "description.apply",
        "description agenda",
        WHY,
        "ali",
    )


def test_what_is_there_is_replaced_when_it_was_seen_and_kept_beside(workspace, tmp_path):
    apply(workspace)
    other = replace(
        CONTENT, text=TEXT.replace("Agenda", "Agenda clair"), tables={"codes/agenda/channel.csv": {"Tél.": "email"}}
    )
    assert fail(lambda: apply(workspace, other)) == "usage.description.there"
    assert fail(lambda: apply(workspace, other, replaced="0" * 64)) == "usage.description.there"
    seen = find_place(workspace.settings, other)
    assert seen.present == TEXT
    apply(workspace, other, replaced=seen.digest)
    kept = {path.name.partition(".avant-")[0]: path.read_text("utf-8") for path in tmp_path.rglob("*.avant-*")}
    assert kept == {"agenda.toml": TEXT, "channel.csv": "mot;code\nTél.;phone\n"}
    assert find_place(workspace.settings, other).digest == ""
    assert set(load_plugins((), among=(), local=[describe_file(seen.path)]).connectors) == {"agenda-interaction"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (replace(CONTENT, text="# À DÉCIDER : vraiment ?\n" + TEXT), "usage.description.undecided"),
        (replace(CONTENT, tables={"codes/agenda/channel.csv": {"Tél.": ""}}), "usage.description.undecided"),
        (replace(CONTENT, text=TEXT.replace("agenda-interaction", "atelier-contacts")), "usage.description.taken"),
        (replace(CONTENT, text=TEXT.replace('id = "agenda"', 'id = "atelier"')), "usage.description.taken"),
        (replace(CONTENT, text="id = 1"), "settings."),
    ],
)
def test_what_would_stop_runs_or_is_undecided_is_not_written(workspace, tmp_path, content, code):
    assert fail(lambda: apply(workspace, content)).startswith(code)
    assert [path.name for path in (tmp_path / "logiciels").iterdir()] == ["autre.toml"]
    assert workspace.journal.list_audit_entries() == ()


def test_without_a_reason_nothing_is_written(workspace, tmp_path):
    assert fail(lambda: apply(workspace, why="voir")) == "usage.reveal.unexplained"
    assert not (tmp_path / "logiciels" / "agenda.toml").exists()


def test_where_the_settings_name_no_folder_one_beside_them_is_used_and_said_not_to_be_read(tmp_path):
    with open_workspace(load_settings(settle_in(tmp_path, SETTINGS)), plugins=PLUGINS) as workspace:
        place = apply(workspace)
        assert (place.path, place.is_read) == (tmp_path / "editeurs" / "agenda.toml", False)
        (tmp_path / "editeurs" / "agenda.toml").unlink()
        (tmp_path / "editeurs" / "codes" / "agenda" / "channel.csv").unlink()
        (tmp_path / "editeurs" / "codes" / "agenda" / "channel.csv").mkdir()
        assert fail(lambda: apply(workspace)) == "usage.description.unwritable"
