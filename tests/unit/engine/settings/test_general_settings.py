"""The table about the installation: what several machines share is named, never written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from passerelle.engine.settings.workspace_settings import Settings, load_settings
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path


def _load(folder: Path, *lines: str) -> Settings:
    path = folder / "passerelle.toml"
    path.write_text("\n".join(("[passerelle]", *lines)), "utf-8")
    return load_settings(path)


def test_what_is_shared_is_read_beside_what_is_not(tmp_path):
    lines = ('journal = "file:adresse"', 'keyring = "env:K"', 'organisation = "una-35"', 'depot = "/partage"')
    shared = _load(tmp_path, *lines).shared
    assert (shared.journal, shared.keyring) == (f"file:{tmp_path / 'adresse'}", "env:K")
    assert (shared.organisation, str(shared.depot)) == ("una-35", "/partage")
    own = _load(tmp_path, 'keyring = "cles"')
    assert (own.keyring, own.shared.keyring, own.shared.depot) == (tmp_path / "cles", "", None)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (['journal = "env:J"'], "settings.organisation.missing"),
        (['keyring = "env:J"'], "settings.organisation.missing"),
        (['journal = "postgresql://passerelle:motdepasse@serveur/j"', 'organisation = "a"'], "settings.secret.literal"),
        (['journal = "env:J"', 'organisation = "UNA 35"'], "settings.value.invalid"),
        (['journal = "env:J"', 'organisation = "*"'], "settings.value.invalid"),
    ],
)
def test_what_is_not_said_as_it_should_be_is_refused_without_its_value(tmp_path, lines, code):
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, *lines)
    assert code in [problem.code for problem in caught.value.problems]
    assert "motdepasse" not in f"{caught.value!s}{[str(problem) for problem in caught.value.problems]}"
