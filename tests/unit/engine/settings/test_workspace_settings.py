"""What the settings may say, and how every mistake in them is told."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from passerelle.contracts.field_meta import Purpose
from passerelle.engine.settings.endpoint_settings import ApiDestinationSettings, DatabaseDestinationSettings
from passerelle.engine.settings.workspace_settings import Flow, FolderSourceSettings, load_settings
from passerelle.extension.toml_problems import PURPOSES
from passerelle.stages.translate.converters.numbering import DIALLING_CODES
from passerelle.vocabulary.doubts import WARN_ONLY
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.locality import NOWHERE

FLOW = """
[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
source = { kind = "folder", path = "entrees" }
destination = { kind = "folder", path = "sorties" }
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "passerelle.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems_of(path):
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    return {
        (problem.code, int(problem.details["line"]), problem.details["key"]): problem
        for problem in caught.value.problems
    }


def test_a_few_lines_are_enough_for_a_flow_and_the_rest_has_defaults(written, tmp_path):
    settings = load_settings(written(FLOW))
    flow = settings.get_flow("visites")
    assert (flow.name, flow.purpose, flow.consent, flow.enabled) == ("visites", Purpose.EFFECTIVITY, "opposition", True)
    assert isinstance(flow.source, FolderSourceSettings)
    assert flow.source.quiet_seconds == 30
    assert settings.state == tmp_path / "etat"
    assert settings.key_file == tmp_path / "etat" / "cle"
    assert settings.retention_days == 90
    assert settings.plugins is None


def test_relative_paths_start_from_the_settings_file(written, tmp_path):
    flow = load_settings(written(FLOW)).get_flow("visites")
    assert flow.source.path == tmp_path / "entrees"
    assert flow.destination.path == tmp_path / "sorties"


def test_a_byte_order_mark_of_a_windows_editor_is_no_mistake(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_text(FLOW, encoding="utf-8-sig")
    assert list(load_settings(path).flows) == ["visites"]


def test_an_api_destination_keeps_references_and_not_secrets(written, tmp_path):
    text = FLOW.replace(
        '{ kind = "folder", path = "sorties" }',
        '{ kind = "api", base_url = "https://a.example", path = "/v", scheme = "oauth2", token_path = "/t",'
        ' client_id = "env:ID", client_secret = "file:secret" }',
    )
    destination = load_settings(written(text)).get_flow("visites").destination
    assert isinstance(destination, ApiDestinationSettings)
    assert destination.client_id == "env:ID"
    assert destination.client_secret == f"file:{tmp_path / 'secret'}"


@pytest.mark.parametrize(
    ("url", "expected"), [("base.sqlite3", Path("base.sqlite3")), ("env:DATABASE", "env:DATABASE")]
)
def test_a_database_is_a_file_or_the_reference_of_an_address(written, tmp_path, url, expected):
    text = FLOW.replace('{ kind = "folder", path = "sorties" }', f'{{ kind = "database", url = "{url}" }}')
    destination = load_settings(written(text)).get_flow("visites").destination
    assert isinstance(destination, DatabaseDestinationSettings)
    assert destination.url == (tmp_path / expected if isinstance(expected, Path) else expected)


def test_every_problem_is_told_at_once_with_its_line_and_key(written):
    found = problems_of(
        written(
            """\
[passerelle]
langage = "fr"
retention_days = "long"
zzz = 1
[flow.Bad_Name]
connector = "x"
purpose = "support"
source = { kind = "foldr", path = "a" }
destination = { path = "b" }
[flow.visites]
name = "other"
connector = "x"
purpose = "support"
source = { kind = "folder", pth = "a", after = "arxive" }
destination = { kind = "folder", path = "b" }
"""
        )
    )
    assert set(found) == {
        ("settings.key.misspelt", 2, "passerelle.langage"),
        ("settings.value.invalid", 3, "passerelle.retention_days"),
        ("settings.key.unknown", 4, "passerelle.zzz"),
        ("settings.flow.name", 5, "flow.Bad_Name"),
        ("settings.value.misspelt", 8, "flow.Bad_Name.source.kind"),
        ("settings.key.missing", 9, "flow.Bad_Name.destination.kind"),
        ("settings.key.unknown", 11, "flow.visites.name"),
        ("settings.key.missing", 14, "flow.visites.source.path"),
        ("settings.key.misspelt", 14, "flow.visites.source.pth"),
        ("settings.value.misspelt", 14, "flow.visites.source.after"),
    }
    assert found["settings.key.misspelt", 2, "passerelle.langage"].details["nearest"] == "language"
    assert found["settings.key.misspelt", 14, "flow.visites.source.pth"].details["nearest"] == "path"
    assert found["settings.value.misspelt", 14, "flow.visites.source.after"].details["nearest"] == "archive"


def test_a_flow_without_purpose_is_refused_with_every_purpose_and_what_it_is_for(written):
    found = problems_of(written(FLOW.replace('purpose = "effectivity"\n', "")))
    told = str(found["settings.purpose.missing", 2, "flow.visites.purpose"])
    for purpose in Purpose:
        assert f'purpose = "{purpose}"' in told
    assert set(PURPOSES) == set(Purpose)


def test_a_purpose_that_does_not_exist_is_refused_with_the_same_list(written):
    found = problems_of(written(FLOW.replace("effectivity", "efectivity")))
    assert "effectivity" in str(found["settings.purpose.unknown", 4, "flow.visites.purpose"])


SECRET = "hunter2-CANARY"


@pytest.mark.parametrize(
    "destination",
    [
        f'kind = "api", base_url = "https://a.example", path = "/v", scheme = "bearer", token = "{SECRET}"',
        f'kind = "api", base_url = "https://a.example", path = "/v", scheme = "bearer", token = "plain:{SECRET}"',
        f'kind = "database", url = "postgresql://u:{SECRET}@host/base"',
        f'kind = "api", base_url = "https://u:{SECRET}@a.example", path = "/v"',
        f'kind = "api", base_url = "https://a.example/?key={SECRET}", path = "/v"',
    ],
)
def test_a_literal_secret_is_refused_and_not_echoed(written, destination):
    path = written(FLOW.replace('kind = "folder", path = "sorties"', destination))
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.problems
    for error in (caught.value, *caught.value.problems):
        assert SECRET not in f"{error} {error!r} {error.details} {error.__cause__!r}"


@pytest.mark.parametrize("table", [f'api_key = "{SECRET}"', f'more = {{ motDePasse = "x", token = "{SECRET}" }}'])
def test_a_secret_among_the_settings_of_a_connector_is_refused_and_not_echoed(written, table):
    source = f'{{ kind = "api", base_url = "https://a.example", settings = {{ {table} }} }}'
    found = problems_of(written(FLOW.replace('{ kind = "folder", path = "entrees" }', source)))
    ((code, _line, key),) = found
    assert (code, key) == ("settings.secret.misplaced", "flow.visites.source.settings")
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("https://a.example", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/api", True),
        ("http://[::1]:8080", True),
        ("http://a.example", False),
        ("ftp://a.example", False),
        ("a.example", False),
        ("https://", False),
        ("https://[::1", False),
    ],
)
def test_only_https_leaves_this_machine(written, address, accepted):
    path = written(
        FLOW.replace('kind = "folder", path = "sorties"', f'kind = "api", base_url = "{address}", path = "/v"')
    )
    if accepted:
        assert load_settings(path).get_flow("visites").destination.base_url == address
    else:
        assert {code for code, _line, _key in problems_of(path)} == {"settings.value.invalid"}


def test_a_scheme_without_what_it_needs_names_what_is_absent(written):
    found = problems_of(
        written(
            FLOW.replace(
                'kind = "folder", path = "sorties"',
                'kind = "api", base_url = "https://a.example", path = "/v", scheme = "oauth2", client_id = "env:A"',
            )
        )
    )
    problem = found["settings.credentials.incomplete", 6, "flow.visites.destination"]
    assert problem.details["needed"] == "client_secret, token_path"


def test_a_text_that_is_not_toml_is_told_with_its_line_and_without_its_words(written):
    found = problems_of(written('[passerelle]\nstate = "etat"\ntoken = Jean-CANARY\n'))
    assert list(found) == [("settings.file.syntax", 3, "")]
    assert "CANARY" not in str(next(iter(found.values())))


def test_a_missing_file_says_how_to_write_one(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "passerelle.toml")
    assert caught.value.code == "settings.file.missing"


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_bytes("# privé\n".encode("cp1252"))
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.code == "settings.file.unreadable"


def test_an_unknown_flow_is_told_with_the_nearest_name(written):
    settings = load_settings(written(FLOW))
    with pytest.raises(UsageError) as caught:
        settings.get_flow("visite")
    assert caught.value.details["nearest"] == "visites"


DOUBTS = FLOW.replace("source =", 'zone = "Indian/Reunion"\ncountry = "RE"\nstrict_identifiers = true\nsource =') + (
    '[flow.visites.doubts]\n"validate.nir.incoherent" = "strict"\n'
    '"translate.column.absent" = { silent = "le fournisseur n\'a pas de téléphones" }\n'
)


def test_a_flow_says_where_it_is_at_home_and_what_it_does_with_doubts(written):
    flow = load_settings(written(DOUBTS)).get_flow("visites")
    assert (flow.locality.zone, flow.locality.country) == ("Indian/Reunion", "RE")
    strict = {"validate.nir.incoherent", "validate.identifier.wrong_key", "validate.identifier.malformed"}
    assert flow.doubt_rules.strict == strict
    assert flow.doubt_rules.silent == {"translate.column.absent": "le fournisseur n'a pas de téléphones"}


def test_a_flow_that_says_nothing_only_warns_and_leaves_the_place_to_the_connector(written):
    flow = load_settings(written(FLOW)).get_flow("visites")
    assert (flow.locality, flow.doubt_rules) == (NOWHERE, WARN_ONLY)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('zone = "Indian/Reunionn"', "settings.zone.unknown"),
        ('zone = "Europe"', "settings.zone.unknown"),
        ('zone = "../etc/passwd"', "settings.zone.unknown"),
        ('country = "XX"', "settings.value.misspelt"),
        ('doubts = { "validate.nir.incoherant" = "strict" }', "settings.doubt.unknown"),
        ('doubts = { "settings.flow.name" = { silent = "x" } }', "settings.doubt.unknown"),
        ('doubts = { "validate.nir.shared" = "strict" }', "settings.doubt.not_strict"),
        ('doubts = { "decode.schema.departed" = "strict" }', "settings.doubt.not_strict"),
        ('doubts = { "validate.nir.incoherent" = "loud" }', "settings.doubt.invalid"),
        ('doubts = { "validate.nir.incoherent" = { silent = " " } }', "settings.doubt.invalid"),
        ('doubts = { "validate.nir.incoherent" = { silent = true } }', "settings.doubt.invalid"),
    ],
)
def test_a_place_or_a_doubt_that_means_nothing_is_refused(written, line, code):
    problems = problems_of(written(FLOW.replace("source =", f"{line}\nsource =")))
    assert [found for found, _line, _key in problems] == [code]


def test_every_country_of_the_settings_has_a_dialling_code():
    countries = set(get_args(Flow.model_fields["country"].annotation)) - {""}
    assert countries == set(DIALLING_CODES)
