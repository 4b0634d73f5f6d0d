"""A description that extends another one says only what differs, and stands in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from federations import make_federation

from passerelle.engine.organisations.members import choose_members
from passerelle.engine.settings.installation_settings import read_installation
from passerelle.engine.workspace.assembly import load_workspace_plugins
from passerelle.extension.toml_extending import list_bases, read_joined
from passerelle.extension.toml_files import compute_version, read_id, read_local
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

BASE = """
id = "lilas"
title = "Lilas"

[connector.lilas-personnes]
title = "Personnes"

[connector.lilas-personnes.dialect]
kind = "csv"
delimiter = ";"

[connector.lilas-personnes.table.personne]
contract = "person/1"

[connector.lilas-personnes.table.personne.fields]
ref = { kind = "ref", column = "Id", entity = "person" }
usual_name = { kind = "text", column = "Nom" }
sex = { kind = "code", column = "Sexe", table = "sexe.csv", system = "sexes" }
"""
CODES = "mot;code\nfemme;F\nhomme;M\n"


@pytest.fixture
def base(tmp_path) -> Path:
    folder = tmp_path / "editeurs"
    folder.mkdir()
    (folder / "lilas.toml").write_text(BASE, "utf-8")
    (folder / "sexe.csv").write_text(CODES, "utf-8")
    return folder / "lilas.toml"


@pytest.fixture
def extend(tmp_path, base):
    def write(text: str) -> Path:
        path = tmp_path / "propre" / "lilas.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'extends = "../editeurs/lilas.toml"\n{text}', "utf-8")
        return path

    return write


def test_what_is_not_said_is_what_the_other_says(base, extend):
    assert read_local(extend("")) == read_local(base)


def test_a_key_that_is_said_takes_the_place_of_the_other_and_its_neighbours_stay(extend):
    path = extend('[connector.lilas-personnes.table.personne.fields]\nusual_name = { kind = "text", column = "NOM" }\n')
    fields = read_joined(path)["connector"]["lilas-personnes"]["table"]["personne"]["fields"]
    assert fields["usual_name"] == {"kind": "text", "column": "NOM"}
    assert fields["ref"]["column"] == "Id"
    assert read_local(path).id == "lilas"


def test_a_part_of_the_same_kind_is_completed_and_of_another_kind_replaced(extend):
    def read_dialect(text: str) -> dict:
        return read_joined(extend(f"[connector.lilas-personnes.dialect]\n{text}"))["connector"]["lilas-personnes"][
            "dialect"
        ]

    assert read_dialect('encoding = "cp1252"\n') == {"kind": "csv", "delimiter": ";", "encoding": "cp1252"}
    assert read_dialect('kind = "xlsx"\n') == {"kind": "xlsx"}


def test_code_tables_beside_it_come_before_those_of_the_other(extend):
    path = extend("")
    assert read_local(path)
    (path.parent / "sexe.csv").write_text("mot;code\nDame;F\n", "utf-8")
    changed = repr(read_local(path))
    assert "Dame" in changed


def test_its_version_changes_with_the_other_and_with_its_tables(base, extend):
    path = extend("")
    seen = {compute_version(path)}
    base.write_text(BASE.replace("Lilas", "Les Lilas"), "utf-8")
    seen.add(compute_version(path))
    (base.parent / "sexe.csv").write_text(CODES + "X;U\n", "utf-8")
    seen.add(compute_version(path))
    assert len(seen) == 3


@pytest.mark.parametrize("named", ["../absent.toml", "lilas.toml", "../editeurs", "/nulle/part.toml"])
def test_another_that_is_not_there_is_told(tmp_path, base, named):
    path = tmp_path / "editeurs" / "lilas.toml"
    path.write_text(f'extends = "{named}"\n', "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_local(path)
    assert caught.value.code == "settings.supplier.base"
    assert read_id(path) == ""


def test_a_circle_is_told_and_does_not_turn_for_ever(tmp_path):
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.toml").write_text(f'extends = "{other}.toml"\nid = "x"\n', "utf-8")
    with pytest.raises(SettingsError):
        read_local(tmp_path / "a.toml")
    assert len(list_bases(tmp_path / "a.toml")) <= 5


def test_what_is_wrong_with_the_other_is_told_with_its_name(base, extend):
    base.write_text(BASE.replace('kind = "csv"', 'kind = "cvs"'), "utf-8")
    path = extend("").rename(extend("").with_name("propre.toml"))
    with pytest.raises(SettingsError) as caught:
        read_local(path)
    assert {problem.details["file"] for problem in caught.value.problems} == {"lilas.toml"}


def test_what_is_wrong_with_it_is_told_with_its_own_line(extend):
    path = extend('\n[connector.lilas-personnes]\ntitel = "x"\n')
    with pytest.raises(SettingsError) as caught:
        read_local(path)
    assert [(one.code, one.details["line"]) for one in caught.value.problems] == [("settings.key.misspelt", "4")]


def test_an_organisation_has_what_its_installation_describes_and_its_own_in_its_place(tmp_path, base):
    del base
    make_federation(tmp_path, ["a", "b"])
    text = (
        (tmp_path / "passerelle.toml").read_text("utf-8").replace('["compani"]', '[]\nsuppliers = ["editeurs/*.toml"]')
    )
    (tmp_path / "passerelle.toml").write_text(text, "utf-8")
    own = tmp_path / "organisations" / "b"
    (own / "propre.toml").write_text('extends = "../../editeurs/lilas.toml"\ntitle = "Lilas de B"\n', "utf-8")
    settings = (own / "passerelle.toml").read_text("utf-8")
    (own / "passerelle.toml").write_text(settings.replace("[passerelle]", '[passerelle]\nsuppliers = ["propre.toml"]'))
    installation = read_installation(tmp_path / "passerelle.toml")
    titles = [
        [supplier.title for supplier in load_workspace_plugins(member.load_settings()).suppliers]
        for member in choose_members(installation)
    ]
    assert titles == [["Lilas"], ["Lilas de B"]]


def test_a_plugin_that_the_installation_does_not_allow_is_refused_to_an_organisation(tmp_path):
    installation = make_federation(tmp_path, ["a"])
    path = tmp_path / "organisations" / "a" / "passerelle.toml"
    path.write_text(path.read_text("utf-8").replace("[passerelle]", '[passerelle]\nplugins = ["xelya"]'), "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_workspace_plugins(choose_members(installation)[0].load_settings())
    assert (caught.value.code, caught.value.details["known"]) == ("settings.plugin.absent", "compani")
