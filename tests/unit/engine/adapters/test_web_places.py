"""Settings of a bucket become a folder or a depot; without the library, or a secret, it is said."""

from __future__ import annotations

import subprocess
import sys

import pytest

from passerelle.engine.adapters.web_places import open_s3_deposits
from passerelle.engine.settings.remote_places import S3Settings
from passerelle.vocabulary.errors import SettingsError


@pytest.fixture
def entry(monkeypatch):
    monkeypatch.setenv("CLE", "acces")
    monkeypatch.setenv("MOT", "secret")
    keys = {"kind": "s3", "bucket": "depot", "access_key": "env:CLE", "secret_key": "env:MOT"}
    return S3Settings.model_validate({**keys, "base_url": "https://s3.exemple", "prefix": "/a/b/"})


def test_a_depot_lies_below_the_prefix_and_its_own_folder(entry, tmp_path):
    assert open_s3_deposits(entry, ("una-35", "depot"), tmp_path).prefix == "a/b/una-35/depot/"
    assert open_s3_deposits(entry.model_copy(update={"prefix": ""}), ("depot",), tmp_path).prefix == "depot/"


def test_without_the_library_it_is_said_which_one():
    # in a process of its own: a library that is taken away from this one is missed by others
    program = """
import sys
class Missing:
    def find_spec(self, name, *_more):
        if name == "botocore":
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Missing())
from pathlib import Path
from passerelle.engine.adapters.web_places import open_s3_deposits, open_web_place
from passerelle.engine.settings.remote_places import S3Settings
from passerelle.vocabulary.errors import SettingsError
keys = {"kind": "s3", "bucket": "depot", "access_key": "env:CLE", "secret_key": "env:MOT"}
entry = S3Settings.model_validate({**keys, "base_url": "https://s3.exemple"})
for act in (lambda: open_web_place(entry), lambda: open_s3_deposits(entry, ("depot",), Path())):
    try:
        act()
    except SettingsError as error:
        print(error.code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["settings.s3.no_library"] * 2, done.stderr


def test_a_secret_that_is_not_there_is_named(entry, tmp_path, monkeypatch):
    monkeypatch.delenv("CLE")
    with pytest.raises(SettingsError) as caught:
        open_s3_deposits(entry, ("depot",), tmp_path)
    assert caught.value.code == "settings.secret.absent"
