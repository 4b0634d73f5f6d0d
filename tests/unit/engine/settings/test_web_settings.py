"""What the settings say of signing in, and what they may not say."""

from __future__ import annotations

import typing

import pytest
from workbench_room import SETTINGS, settle_in

from passerelle.engine.settings.oidc_settings import Algorithm, GroupRights
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.faces.web.rights import Role
from passerelle.vocabulary.errors import SettingsError

OIDC = 'sign_in = "accounts"\n[web.oidc]\nissuer = "https://i.exemple.fr"\nclient_id = "p"\ntitle = "Identité"\n'


def read(folder, web: str):
    place = folder / str(len(list(folder.iterdir())))
    place.mkdir()
    return load_settings(settle_in(place, f"{SETTINGS}\n[web]\n{web}")).web


def test_passkeys_are_made_for_the_public_name_or_the_end_of_it(tmp_path):
    ways = 'sign_in = "accounts"\npasskeys = true\n'
    assert read(tmp_path, ways).passkey_name == "localhost"
    public = f'{ways}public_url = "https://p.exemple.fr:8443"\n'
    assert read(tmp_path, public).passkey_name == "p.exemple.fr"
    assert read(tmp_path, f'{public}passkey_domain = "exemple.fr"\n').passkey_name == "exemple.fr"


@pytest.mark.parametrize(
    "web",
    [
        "passkeys = true",
        'sign_in = "local"\npasskeys = true',
        'sign_in = "accounts"\npublic_url = "https://p.exemple.fr"\npasskey_domain = "autre.fr"',
        'sign_in = "accounts"\npublic_url = "https://p.exemple.fr"\npasskey_domain = "emple.fr"',
        OIDC.replace("accounts", "local"),
        OIDC.replace("https://i", "http://i"),
        OIDC.replace("https://i", "https://u:p@i"),
        f'{OIDC}client_secret = "en clair"',
        f'{OIDC}algorithms = ["HS256"]',
        f'{OIDC}algorithms = ["none"]',
        f"{OIDC}algorithms = []",
        f'{OIDC}groups = {{ "x" = {{ role = "racine" }} }}',
        f"{OIDC}verified_email = 1",
        f'{OIDC}redirect = "https://autre.fr"',
    ],
)
def test_what_would_let_the_wrong_ones_in_is_refused(tmp_path, web):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, web)
    assert "en clair" not in str([str(one) for one in caught.value.problems])


def test_roles_of_groups_are_those_of_people_and_signatures_have_public_keys():
    assert set(typing.get_args(GroupRights.model_fields["role"].annotation)) == {role.value for role in Role}
    assert not [one for one in typing.get_args(Algorithm) if one[:2] not in ("RS", "PS", "ES")]
