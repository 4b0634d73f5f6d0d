"""Kinds of values in the settings: what each reads, and what it refuses, above all secrets in clear."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from whole_exports import Exports

from passerelle.engine.settings.setting_values import (
    Address,
    Below,
    DatabaseUrl,
    Duration,
    OpenSettings,
    SecretReference,
    Whole,
)
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import SettingsError

FOLDER = "/srv/passerelle"


@pytest.fixture
def exports(tmp_path):
    return Exports.at(tmp_path, whole="false")


def read(kind, value):
    return TypeAdapter(kind).validate_python(value, context=FOLDER)


def refuse(kind, value) -> str:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    return caught.value.errors()[0]["type"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("1 d", timedelta(days=1)),
        ("2w", timedelta(weeks=2)),
        ("9999m", timedelta(minutes=9999)),
    ],
)
def test_a_duration_is_a_count_and_a_unit(text, duration):
    assert read(Duration, text) == duration


@pytest.mark.parametrize("value", ["", "d", "0d", "00h", "10000m", "1.5h", "-1d", "1d\n", "1D", 1, None, True])
def test_anything_else_is_no_duration(value):
    assert refuse(Duration, value) == "duration"


@pytest.mark.parametrize("text", ["https://a.fr/v1", "http://localhost:8080", "http://127.0.0.1/x", "http://[::1]/"])
def test_an_address_is_https_or_this_machine(text):
    assert read(Address, text) == text


@pytest.mark.parametrize(
    "text",
    [
        "http://a.fr",
        "http://localhost.a.fr",
        "http://127.0.0.1.a.fr",
        "ftp://localhost",
        "https://moi@a.fr",
        "https://:mot@a.fr",
        "https://a.fr?jeton=1",
        "https://a.fr#x",
        "https://",
        "https://[",
        "a.fr",
    ],
)
def test_an_address_that_is_open_to_others_or_holds_more_than_a_place_is_refused(text):
    assert refuse(Address, text) == "url_unsafe"


def test_a_secret_is_a_reference_and_its_file_is_found_from_the_settings():
    assert read(SecretReference, "env:JETON") == "env:JETON"
    assert read(SecretReference, "file:jeton") == f"file:{FOLDER}/jeton"
    assert read(SecretReference, "file:/run/jeton") == "file:/run/jeton"
    assert refuse(SecretReference, "Xy12-en-clair") == "secret_literal"


def test_a_database_is_a_file_or_a_reference_and_never_an_address_in_clear():
    assert read(DatabaseUrl, "journal.db") == Path(FOLDER, "journal.db")
    assert read(DatabaseUrl, "env:BASE") == "env:BASE"
    assert refuse(DatabaseUrl, "postgresql://moi:mot@base/x") == "secret_literal"


@pytest.mark.parametrize("key", ["password", "API_KEY", "apikey", "mot_de_passe", "jeton_acces", "client_secret"])
def test_a_connector_is_handed_no_secret_at_any_depth(key):
    assert refuse(OpenSettings, {key: "x"}) == "secret_misplaced"
    assert refuse(OpenSettings, {"a": {"b": {key: "x"}}}) == "secret_misplaced"
    assert read(OpenSettings, {"agence": {"code": "x"}}) == {"agence": {"code": "x"}}


def test_a_path_starts_from_the_settings_file_unless_it_is_whole():
    assert read(Below, "entrees") == Path(FOLDER, "entrees")
    assert read(Below, "/entrees") == Path("/entrees")


@pytest.mark.parametrize("value", ["1", "0d", "1 month", "-1d", "d"])
def test_a_duration_that_cannot_be_read_is_a_problem_of_the_settings(exports, value):
    exports.configure(whole="false", expected_every=value)
    with pytest.raises(SettingsError) as caught:
        load_settings(exports.folder / "passerelle.toml")
    assert [problem.details["key"] for problem in caught.value.problems] == ["flow.un.expected_every"]


@pytest.mark.parametrize("value", ["3", 3.0, True, None])
def test_a_whole_number_is_written_as_one(value):
    assert read(Whole, 3) == 3
    assert refuse(Whole, value) == "int_type"
