"""What the settings say of folders that are reached over the web, and what is refused."""

from __future__ import annotations

import pytest
from people_flow import SUPPLIER

from passerelle.engine.settings.flow_sides import name_place
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.recipients import name_recipient
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.language import set_language

GOOD = {
    "webdav": {"base_url": '"https://nuage.exemple.fr/d"', "user": '"saad"', "password": '"file:mot"'},
    "ftps": {"host": '"ftp.exemple.fr"', "user": '"saad"', "password": '"file:mot"', "path": '"/d"'},
    "s3": {
        "base_url": '"https://s3.exemple.fr"',
        "bucket": '"depot"',
        "prefix": '"entree/visites"',
        "access_key": '"env:CLE"',
        "secret_key": '"file:mot"',
    },
}


def load(folder, kind, **changes):
    facts = {"kind": f'"{kind}"', **GOOD[kind], **changes}
    table = ", ".join(f"{name} = {value}" for name, value in facts.items() if value is not None)
    (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
    text = f'[passerelle]\n[flow.un]\nconnector = "gens"\npurpose = "support"\nsource = {{ {table} }}\n'
    (folder / "passerelle.toml").write_text(f"{text}destination = {{ {table} }}\n", "utf-8")
    return load_settings(folder / "passerelle.toml").get_flow("un")


@pytest.mark.parametrize("kind", GOOD)
def test_both_ends_of_a_flow_may_be_elsewhere(tmp_path, kind):
    flow = load(tmp_path, kind)
    assert (flow.source.kind, flow.destination.kind) == (kind, kind)
    assert flow.source.after == "archive"
    assert flow.destination.rights == 0
    assert f"file:{tmp_path / 'mot'}" in flow.source.references
    assert flow.source.spot == flow.destination.spot
    assert name_place(flow.source) == flow.source.server
    assert flow.source.server.endswith("exemple.fr")
    assert name_recipient(flow, tmp_path) == flow.destination.account


BAD = [
    ("webdav", {"password": '"motdepasse"'}, "settings.secret.literal"),
    ("webdav", {"token": '"motdepasse"', "user": None, "password": None}, "settings.secret.literal"),
    ("webdav", {"user": None}, "settings.credentials.incomplete"),
    ("webdav", {"password": None}, "settings.credentials.incomplete"),
    ("webdav", {"token": '"env:MOT"'}, "settings.credentials.incomplete"),
    ("webdav", {"user": None, "password": None}, "settings.credentials.incomplete"),
    ("webdav", {"base_url": '"http://nuage.exemple.fr/d"'}, "settings.value.invalid"),
    ("webdav", {"base_url": '"https://saad:motdepasse@nuage.exemple.fr/d"'}, "settings.value.invalid"),
    ("webdav", {"base_url": None}, "settings.key.missing"),
    ("webdav", {"allow_private": '"oui"'}, "settings.value.invalid"),
    ("ftps", {"password": '"motdepasse"'}, "settings.secret.literal"),
    ("ftps", {"password": None}, "settings.key.missing"),
    ("ftps", {"path": '"/d/../motdepasse"'}, "settings.value.invalid"),
    ("ftps", {"port": "0"}, "settings.value.invalid"),
    ("s3", {"secret_key": '"motdepasse"'}, "settings.secret.literal"),
    ("s3", {"access_key": None}, "settings.key.missing"),
    ("s3", {"bucket": '"Dépôt/motdepasse"'}, "settings.value.invalid"),
    ("s3", {"bucket": '".."'}, "settings.value.invalid"),
    ("s3", {"prefix": '"../ailleurs"'}, "settings.value.invalid"),
    ("s3", {"base_url": '"http://s3.exemple.fr"'}, "settings.value.invalid"),
]


@pytest.mark.parametrize(("kind", "changes", "code"), BAD)
def test_what_cannot_be_used_is_refused_and_never_repeated(tmp_path, kind, changes, code):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, kind, **changes)
    assert code in {problem.code for problem in caught.value.problems}
    assert "motdepasse" not in "".join(map(str, caught.value.problems))


def test_what_a_bucket_is_called_is_told_in_its_own_words(tmp_path):
    set_language("fr")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, "s3", bucket='"b_"')
    assert "de 3 à 63 minuscules, chiffres, points et traits d’union" in "".join(map(str, caught.value.problems))
