"""`doctor` tries an object store as a run uses it, says which step fails and what to do, and leaves nothing there."""

from __future__ import annotations

import pytest
from s3_store import ACCESS, BUCKET, REGION, SECRET, serve_s3
from tls_servers import make_trusted

from passerelle.engine.health.depot_trials import TRIAL, examine_depot
from passerelle.engine.health.findings import Severity
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.language import _

TABLE = """
[passerelle]
organisation = "una-35"
[passerelle.depot]
kind = "s3"
base_url = "https://127.0.0.1:{port}"
region = "{region}"
bucket = "{bucket}"
access_key = "env:CLE"
secret_key = "env:MOT"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch, serve_s3(make_trusted(folder, patch, 30)[0]) as running:
        yield running


@pytest.fixture
def settings(store, tmp_path, monkeypatch):
    monkeypatch.setenv("CLE", ACCESS)
    monkeypatch.setenv("MOT", SECRET)
    monkeypatch.setattr("passerelle.edges.places.s3_deposits.PAUSES", ())
    path = tmp_path / "passerelle.toml"
    path.write_text(TABLE.format(port=store.port, region=REGION, bucket=BUCKET), "utf-8")
    yield load_settings(path)
    store.instead, store.spoil, store.forgets = (lambda _environ: None), (lambda _environ, content: content), ()
    assert store.read(f"una-35/{TRIAL}/") == {}


def _examine(settings) -> list[tuple[Severity, str]]:
    return [(one.severity, one.sentence) for one in examine_depot(settings, offline=False)]


def test_a_store_that_does_all_that_a_depot_needs_is_good(settings):
    assert [severity for severity, _says in _examine(settings)] == [Severity.GOOD]


def test_offline_and_with_a_folder_nothing_is_asked(settings, store, tmp_path):
    store.asked.clear()
    assert list(examine_depot(settings, offline=True)) == []
    (tmp_path / "passerelle.toml").write_text("[passerelle]\n", "utf-8")
    assert _examine(load_settings(tmp_path / "passerelle.toml")) == []
    assert store.asked == []


@pytest.mark.parametrize(
    ("method", "step"),
    [("PUT", "writing an object"), ("GET", "reading a part of an object"), ("DELETE", "deleting an object")],
)
def test_what_the_key_may_not_do_is_told_by_the_step(settings, store, method, step):
    refused = ("403 Forbidden", "AccessDenied")
    store.instead = lambda environ: refused if environ["REQUEST_METHOD"] == method else None
    ((severity, says),) = _examine(settings)
    for key in [each for each in store.backend.buckets[BUCKET].keys if TRIAL in each]:
        store.remove(key)
    assert severity is Severity.WRONG
    assert says.startswith(_(step))


def test_a_store_that_knows_no_conditions_is_told_and_no_fault(settings, store):
    store.forgets = ("HTTP_IF_NONE_MATCH",)
    assert [severity for severity, _says in _examine(settings)] == [Severity.GOOD, Severity.DOUBTFUL]


def test_a_store_that_returns_other_bytes_is_wrong(settings, store):
    store.spoil = lambda environ, content: (
        bytes([content[0] ^ 1]) + content[1:-1] + b"\0" if environ["REQUEST_METHOD"] == "GET" and content else content
    )
    assert {severity for severity, _says in _examine(settings)} == {Severity.WRONG}


@pytest.mark.parametrize(("setting", "value"), [("versioning_status", "Enabled"), ("object_lock_enabled", True)])
def test_a_bucket_that_keeps_what_is_deleted_is_told(settings, store, monkeypatch, setting, value):
    monkeypatch.setattr(store.backend.buckets[BUCKET], setting, value)
    found = _examine(settings)
    keys = store.backend.buckets[BUCKET].keys
    for key in [each for each in keys if TRIAL in each]:
        dict.pop(keys, key)  # what the bucket kept of it
    assert [severity for severity, _says in found] == [Severity.GOOD, Severity.DOUBTFUL], found


def test_a_secret_that_is_not_there_is_told(settings, monkeypatch):
    monkeypatch.delenv("MOT")
    with pytest.raises(SettingsError) as caught:
        _examine(settings)
    assert caught.value.code == "settings.secret.absent"
