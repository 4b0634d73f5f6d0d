"""Which place a table of the settings opens, and what is told when its secret is not there."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from typing import Annotated

import pysequoia
import pytest
import pyzipper
from pydantic import Field, TypeAdapter

from passerelle.edges.places.ftps_folder import FtpsFolder
from passerelle.edges.places.local_folder import LocalFolder
from passerelle.edges.places.s3_folder import S3Folder
from passerelle.edges.places.sftp_folder import SftpFolder
from passerelle.edges.places.webdav_folder import WebDavFolder
from passerelle.engine.adapters.file_places import open_place, open_unlock
from passerelle.engine.settings.place_settings import FolderSourceSettings
from passerelle.engine.settings.workspace_settings import Destination, Source
from passerelle.vocabulary.errors import SettingsError

WEB = {"kind": "webdav", "base_url": "https://nuage.exemple.fr/d", "user": "saad", "password": "env:DEPOT_MOT"}
SFTP = {"kind": "sftp", "host": "sftp.exemple.fr", "user": "saad", "password": "env:DEPOT_MOT", "path": "/d"}
S3 = {"kind": "s3", "base_url": "https://s3.exemple.fr", "bucket": "depot"}
S3 |= {"access_key": "env:DEPOT_MOT", "secret_key": "env:DEPOT_MOT"}
OPENED = {
    "folder": ({"kind": "folder", "path": "d"}, LocalFolder),
    "ftps": ({**SFTP, "kind": "ftps"}, FtpsFolder),
    "sftp": (SFTP, SftpFolder),
    "s3": (S3, S3Folder),
    "s3, prefix": ({**S3, "prefix": "/a/b/"}, S3Folder),
    "webdav": (WEB, WebDavFolder),
    "webdav, token": ({**WEB, "user": None, "password": None, "token": "env:DEPOT_MOT"}, WebDavFolder),
}


@pytest.mark.parametrize("side", [Source, Destination])
@pytest.mark.parametrize("name", OPENED)
def test_each_kind_opens_its_place_without_asking_anything_of_it(name, side, monkeypatch):
    facts, place = OPENED[name]
    monkeypatch.setenv("DEPOT_MOT", "épreuve")
    opened = open_place(TypeAdapter(Annotated[side, Field()]).validate_python(facts))
    assert isinstance(opened, place)
    assert "épreuve" not in repr(opened)
    opened.close()


@pytest.mark.parametrize("name", [name for name in OPENED if name != "folder"])
def test_a_secret_that_is_not_there_is_told_by_its_reference(name, monkeypatch):
    monkeypatch.delenv("DEPOT_MOT", raising=False)
    with pytest.raises(SettingsError) as caught:
        open_place(TypeAdapter(Annotated[Source, Field()]).validate_python(OPENED[name][0]))
    assert caught.value.code == "settings.secret.absent"


@pytest.mark.parametrize(
    ("key", "library", "code"),
    [
        ("zip_password", "pyzipper", "settings.zip.no_library"),
        ("pgp_key", "pysequoia", "settings.pgp.no_library"),
    ],
)
def test_without_its_library_a_flow_of_encrypted_files_says_what_to_install(key, library, code, tmp_path):
    program = (
        "import sys\n"
        f"sys.modules[{library!r}] = None\n"
        "from passerelle.engine.adapters.file_places import open_unlock\n"
        "from passerelle.engine.settings.place_settings import FolderSourceSettings\n"
        "from passerelle.vocabulary.errors import SettingsError\n"
        f"entry = FolderSourceSettings.model_validate({{'kind': 'folder', 'path': 'd', {key!r}: 'env:MOT'}})\n"
        "try:\n"
        "    open_unlock(entry)\n"
        "except SettingsError as error:\n"
        "    print(error.code)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"MOT": "x"}, capture_output=True, text=True, check=False
    )
    assert ended.stdout.strip() == code, ended.stderr


def test_a_zip_with_a_password_within_a_message_is_opened_twice(monkeypatch):
    key = pysequoia.Tsk.generate("Essai <essai@exemple.fr>")
    held = io.BytesIO()
    with pyzipper.AESZipFile(held, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"soir")
        archive.writestr("a.csv", b"a;b")
    message = pysequoia.encrypt(held.getvalue(), recipients=[key.extract_certificate()])
    monkeypatch.setenv("CLE", str(key))
    monkeypatch.setenv("MOT", "soir")
    facts = {"kind": "folder", "path": "d", "zip_password": "env:MOT", "pgp_key": "env:CLE"}
    unlock = open_unlock(FolderSourceSettings.model_validate(facts))
    assert unlock is not None
    with unlock(io.BytesIO(message)) as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as opened:
        assert opened.read("a.csv") == b"a;b"
