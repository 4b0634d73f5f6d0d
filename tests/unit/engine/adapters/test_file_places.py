"""Which place a table of the settings opens, and what is told when its secret is not there."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter

from passerelle.edges.places.ftps_folder import FtpsFolder
from passerelle.edges.places.local_folder import LocalFolder
from passerelle.edges.places.s3_folder import S3Folder
from passerelle.edges.places.sftp_folder import SftpFolder
from passerelle.edges.places.webdav_folder import WebDavFolder
from passerelle.engine.adapters.file_places import open_place
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
