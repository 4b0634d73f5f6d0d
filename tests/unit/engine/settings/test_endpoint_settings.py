"""Sources and destinations that are no files: what is lacking is named, and what is too much as well."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from passerelle.engine.settings.endpoint_settings import ApiDestinationSettings, DatabaseDestinationSettings

API = {"kind": "api", "base_url": "https://api.exemple.fr", "path": "visites"}


@pytest.mark.parametrize(
    ("scheme", "given"),
    [("bearer", {}), ("basic", {"username": "env:NOM"}), ("oauth2", {"client_id": "env:ID"}), ("header", {})],
)
def test_a_way_to_sign_in_asks_for_what_it_needs(scheme, given):
    with pytest.raises(ValidationError) as refusal:
        ApiDestinationSettings.model_validate({**API, "scheme": scheme, **given})
    assert [error["type"] for error in refusal.value.errors()] == ["credentials_incomplete"]


def test_what_is_complete_is_taken_and_limits_are_limits():
    entry = ApiDestinationSettings.model_validate({**API, "scheme": "bearer", "token": "env:JETON", "lot": 10_000})
    assert (entry.method, entry.key_header, entry.in_flight) == ("POST", "Idempotency-Key", 4)
    for key, beyond in (("lot", 10_001), ("in_flight", 65), ("per_second", 0), ("delete_path", "visites/7")):
        with pytest.raises(ValidationError):
            ApiDestinationSettings.model_validate({**API, key: beyond})


def test_the_tables_of_a_database_begin_with_a_small_letter(tmp_path):
    context = {"kind": "database", "url": str(tmp_path / "base.sqlite3")}
    assert DatabaseDestinationSettings.model_validate(context, context=tmp_path).prefix == "passerelle_"
    with pytest.raises(ValidationError):
        DatabaseDestinationSettings.model_validate({**context, "prefix": "1_"}, context=tmp_path)
