"""Who is told is written like the rest: unknown keys, secrets in clear and halves of credentials are refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from passerelle.engine.settings.workspace_settings import load_notify, load_settings
from passerelle.vocabulary.errors import SettingsError

MAIL = 'server = "smtp.exemple.fr"\nsender = "p@exemple.fr"\nto = ["a@exemple.fr"]\n'


@pytest.fixture
def read(tmp_path):
    def call(text, load=load_settings):
        (tmp_path / "passerelle.toml").write_text(text, "utf-8")
        return load(tmp_path / "passerelle.toml")

    return call


def test_without_a_table_nobody_is_told_and_each_table_is_a_channel(read):
    assert read("").notify.channels == ()
    settings = read(f'[notify]\nafter = "2d"\n[notify.mail]\n{MAIL}[notify.webhook]\nurl = "env:ADRESSE"\n')
    assert settings.notify.channels == ("mail", "webhook")
    assert settings.notify.after == timedelta(days=2)
    assert (settings.notify.mail.port, settings.notify.mail.tls) == (587, "starttls")


@pytest.mark.parametrize(
    "text",
    [
        f'[notify.mail]\n{MAIL}password = "env:P"\n',
        f'[notify.mail]\n{MAIL}tls = "none"\n',
        '[notify.mail]\nserver = "s"\nsender = "p@x.fr"\nto = []\n',
        '[notify.mail]\nserver = "s"\nsender = "p@x.fr\\nBcc: q@x.fr"\nto = ["a@x.fr"]\n',
        '[notify.webhook]\nurl = "https://exemple.fr/secret"\n',
        "[notify.command]\nrun = []\n",
        "[notify]\nplus = 1\n",
    ],
)
def test_what_cannot_be_meant_is_refused(read, text):
    with pytest.raises(SettingsError):
        read(text)


def test_who_is_told_can_be_read_where_a_flow_cannot_and_not_where_it_is_wrong_itself(read):
    assert read(f"[notify.mail]\n{MAIL}[flow.x]\nconnector = 3\n", load_notify).notify.channels == ("mail",)
    assert read("[notify]\nplus = 1\n", load_notify) is None
    assert read("[notify", load_notify) is None
