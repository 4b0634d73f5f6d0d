"""What the settings say of folders and SFTP servers, and what is refused."""

from __future__ import annotations

import pytest
from people_flow import SUPPLIER

from passerelle.engine.settings.place_settings import SftpDestinationSettings, SftpSourceSettings
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import SettingsError

KEY = "SHA256:" + "A" * 43
GOOD = {
    "kind": '"sftp"',
    "host": '"sftp.exemple.fr"',
    "user": '"saad"',
    "host_key": f'"{KEY}"',
    "key": '"file:cle-sftp"',
    "path": '"/sortie"',
}


def load(folder, **changes):
    table = ", ".join(f"{name} = {value}" for name, value in (GOOD | changes).items() if value is not None)
    (folder / "essai.toml").write_text(SUPPLIER, "utf-8")
    text = f'[passerelle]\n[flow.un]\nconnector = "gens"\npurpose = "support"\nsource = {{ {table} }}\n'
    (folder / "passerelle.toml").write_text(f"{text}destination = {{ {table} }}\n", "utf-8")
    flow = load_settings(folder / "passerelle.toml").get_flow("un")
    return flow.source, flow.destination


def test_both_ends_of_a_flow_may_be_on_a_server(tmp_path):
    source, destination = load(tmp_path)
    assert isinstance(source, SftpSourceSettings)
    assert isinstance(destination, SftpDestinationSettings)
    assert (source.port, source.after, source.away_days) == (22, "archive", 7)
    assert source.host_key == (KEY,)
    # like every secret, by reference: relative to the settings
    assert source.key == f"file:{tmp_path / 'cle-sftp'}"
    assert destination.rights == 0o600


def test_several_keys_of_a_server_may_be_pinned_and_who_reads_be_said(tmp_path):
    source, _destination = load(tmp_path, host_key=f'["{KEY}", "ssh-rsa {KEY}"]')
    assert len(source.host_key) == 2
    text = (tmp_path / "passerelle.toml").read_text("utf-8")
    head, table = text.rsplit("destination = { ", 1)
    for word, rights in (("owner", 0o600), ("group", 0o640), ("server", 0)):
        changed = f'{head}destination = {{ readable_by = "{word}", {table}'
        (tmp_path / "passerelle.toml").write_text(changed, "utf-8")
        assert load_settings(tmp_path / "passerelle.toml").get_flow("un").destination.rights == rights


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": '"-----BEGIN OPENSSH PRIVATE KEY-----"'}, "settings.secret.literal"),
        ({"key": None, "password": '"motdepasse"'}, "settings.secret.literal"),
        ({"key": None}, "settings.credentials.incomplete"),
        ({"password": '"env:MOT"'}, "settings.credentials.incomplete"),
        ({"host_key": '"MD5:16:27:ac"'}, "settings.value.invalid"),
        ({"path": '"/sortie/../secret"'}, "settings.value.invalid"),
        ({"path": '""'}, "settings.value.invalid"),
        ({"port": "0"}, "settings.value.invalid"),
        ({"host": None}, "settings.key.missing"),
        ({"hots": '"x"'}, "settings.key.unknown"),
    ],
)
def test_what_cannot_be_used_is_refused_and_never_repeated(tmp_path, changes, code):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **changes)
    problems = caught.value.problems
    assert code.partition(".")[0] == "settings"
    assert {problem.code for problem in problems} <= {code, "settings.key.misspelt"}
    assert "motdepasse" not in "".join(map(str, problems))
