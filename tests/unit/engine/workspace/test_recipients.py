"""The name under which handles are made: the recipient that a flow declares, else a stable name of its destination."""

from __future__ import annotations

import pytest

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.recipients import make_handles, name_recipient
from passerelle.extension.loading import load_plugins
from passerelle.stores.seal import Seal

FLOW = """
[passerelle]
[flow.un]
connector = "ogust-services"
purpose = "planning"
source = {{ kind = "folder", path = "in" }}
destination = {{ {destination} }}
"""


def _load(folder, destination: str, *, more: str = ""):
    (folder / "passerelle.toml").write_text(FLOW.format(destination=destination) + more, "utf-8")
    return load_settings(folder / "passerelle.toml").get_flow("un")


@pytest.mark.parametrize(
    ("destination", "name"),
    [
        ('kind = "folder", path = "out/pour le département"', "out/pour le département"),
        ('kind = "database", url = "base.db"', "base.db"),
        ('kind = "database", url = "env:BASE"', "env:BASE"),
        ('kind = "database", url = "file:secrets/base"', "secrets/base"),
        ('kind = "api", base_url = "https://API.example.org/v1/", path = "visits"', "https://api.example.org"),
        ('kind = "api", base_url = "https://api.example.org:8443/v2/", path = "x"', "https://api.example.org:8443"),
    ],
)
def test_a_destination_names_its_recipient_without_what_changes(tmp_path, destination, name):
    assert name_recipient(_load(tmp_path, destination), tmp_path) == name


def test_a_folder_elsewhere_is_named_whole(tmp_path):
    flow = _load(tmp_path, 'kind = "folder", path = "/srv/out"')
    assert name_recipient(flow, tmp_path) == "/srv/out"


def test_a_declared_recipient_goes_before_the_destination_and_shares_its_handles(tmp_path):
    named = '[flow.un.processing.recipient]\nname = "Département"\n'
    names = {
        name_recipient(_load(tmp_path, f'kind = "folder", path = "{folder}"', more=named), tmp_path)
        for folder in ("a", "b")
    }
    assert names == {"Département"}


def test_a_supplier_gets_its_own_ids_back_and_those_of_others_as_handles(tmp_path):
    plugins, seal = load_plugins(), Seal(bytes(32))
    flow = _load(
        tmp_path, 'kind = "supplier", connector = "grc-contacts", base_url = "https://api.example.org", token = "env:T"'
    )
    handles = make_handles(flow, plugins, seal, tmp_path)
    assert handles.purpose is Purpose.PLANNING
    assert handles.is_kept("grc-contacts:interaction:")
    assert not handles.is_kept("evv:person:")
    # opaque ones of all suppliers leave as they are: a record may refer to another system's
    assert handles.is_kept("ogust:person:")
