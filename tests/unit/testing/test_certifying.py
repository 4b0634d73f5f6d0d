"""Grades are computed from what a description and its samples really do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from passerelle.extension.loading import list_described, list_installed, load_plugins
from passerelle.testing.certifying import _find_samples, _list_folders, certify
from passerelle.testing.conformance import Conformance, conforms
from passerelle.testing.connector_under_test import ConnectorUnderTest
from passerelle.testing.grades import CheckResult, ConformanceCheck, Grade, compute_grade, list_checks, list_missing
from passerelle.testing.round_trip import find_lost_fields

PLUGIN = Path(__file__).parents[3] / "plugins" / "generic_telegestion"
ID = "generic-telegestion-visits"


@pytest.fixture
def described(tmp_path):
    """Copy the TOML plugin beside settings that do not know it: description, code tables, samples, page."""
    shutil.copytree(PLUGIN / "src" / "passerelle_plugin_generic_telegestion", tmp_path / "editeurs")
    shutil.copytree(PLUGIN / "samples", tmp_path / "editeurs" / "samples")
    shutil.copy(PLUGIN / "README.md", tmp_path / "editeurs")
    return tmp_path / "editeurs"


def certificate(folder):
    (info,) = list_described(folder, ["*.toml"])
    (one,) = certify(info)
    return one


def broken(one):
    return {result.check.name for result in one.results if not result.passed}


def result(grade, *, kept):
    return CheckResult(ConformanceCheck("test_it", grade, "It."), kept)


@pytest.mark.parametrize(
    ("bronze", "silver", "gold", "grade", "wanted"),
    [
        (True, True, True, Grade.GOLD, 0),
        (True, True, False, Grade.SILVER, 1),
        (True, False, True, Grade.BRONZE, 1),
        (False, True, True, Grade.NONE, 1),
    ],
)
def test_a_grade_needs_every_check_of_its_own_and_of_those_below(bronze, silver, gold, grade, wanted):
    results = [result(one, kept=kept) for one, kept in zip(list(Grade)[1:], (bronze, silver, gold), strict=True)]
    assert (compute_grade(results), len(list_missing(results))) == (grade, wanted)


def test_there_are_at_least_forty_checks_and_each_has_a_sentence():
    found = list(list_checks(Conformance))
    assert len(found) >= 40
    assert len({check.title for check in found}) == len(found)
    methods = {name for name in dir(Conformance) if name.startswith("test_")}
    assert methods == {check.name for check in found}


def test_pytest_runs_the_checks_of_the_grade_that_is_asked_for():
    suite = conforms(ID, Path(), Path(), grade="silver")
    assert suite.test_what_is_read_is_written_back_the_same is None
    assert suite.test_both_gaits_agree is not None


@pytest.mark.slow
def test_a_description_beside_the_settings_is_graded_like_a_plugin(described):
    assert certificate(described).grade is Grade.GOLD


@pytest.mark.slow
def test_what_is_left_for_a_person_to_decide_keeps_a_description_from_gold(described):
    (file,) = described.glob("*.toml")
    file.write_text(f"# À DÉCIDER : quel jour ?\n{file.read_text('utf-8')}", encoding="utf-8")
    one = certificate(described)
    assert one.grade is Grade.SILVER
    assert broken(one) == {"test_nothing_is_left_to_decide"}


def test_a_message_that_is_pushed_is_not_asked_for_several_records():
    pushed, read = (conforms(f"rdv-solidarites-users{end}", Path(), Path())() for end in ("-pushed", ""))
    several = [check for check in list_checks(Conformance) if check.about == "several records"]
    assert len(several) == 2
    assert all(pushed.explain_absence(check) and not read.explain_absence(check) for check in several)


@pytest.mark.slow
def test_what_is_spoilt_costs_the_grade_and_is_named(described):
    shutil.rmtree(described / "samples")
    one = certificate(described)
    assert (one.grade, one.sampled) == (Grade.BRONZE, False)


def rewrite(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


SPOILS = {
    "a code that its list does not have": (
        "codes/modes.csv", "qr_code", "qr_cod", "test_code_tables_lead_to_codes_that_exist"),
    "a word that the contract does not have": (
        "codes/etats.csv", "missed", "forgotten", "test_word_tables_lead_to_words_that_the_contract_has"),
    "a word with two meanings": (
        "supplier.toml", 'nulls = ["", "-"]', 'nulls = ["", "-"]\nnothing = ["-"]',
        "test_no_word_says_both_unknown_and_none"),
    "a column that is read and waived": (
        "supplier.toml", '"Écart (min)" =', '"Km" =',
        "test_every_column_left_out_has_a_reason_and_is_not_read_as_well"),
    "a column both waived and carried": (
        "supplier.toml", 'carried = ["Nom', 'carried = ["Écart (min)", "Nom',
        "test_no_column_is_both_waived_and_carried"),
    "everything left out": (
        "supplier.toml", 'where = [{ column = "Nature", values = ["Réunion", "Formation"] }]\n', "",
        "test_no_rule_leaves_out_every_row"),
    "references of somebody else": (
        "supplier.toml", '"N° intervention", entity', '"N° intervention", system = "other", entity',
        "test_references_of_records_begin_with_the_suppliers_id"),
    "a page without its licence": (
        "README.md", "licence", "permission", "test_the_readme_is_complete"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "check"), SPOILS.values(), ids=SPOILS)
def test_a_spoilt_description_breaks_its_check(described, file, old, new, check):
    if file == "README.md":
        rewrite(described / file, "Licence", "Permission")
    rewrite(described / file, old, new)
    (info,) = list_described(described, ["*.toml"])
    samples = described / "samples"
    plugins = loaded(info)
    suite = conforms(ID, samples / "nominal.csv", samples / "oddities.csv", grade="gold", plugins=plugins)()
    with pytest.raises(AssertionError):
        getattr(suite, check)()


def loaded(info):
    return load_plugins(among=(), local=(info,))


def test_what_does_not_come_back_is_listed(described):
    rewrite(
        described / "supplier.toml",
        'kind = "text", column = "Commentaire"',
        'kind = "joined", columns = ["Km", "Commentaire"]',
    )
    rewrite(described / "supplier.toml", ", max_length = 20000", "")
    (info,) = list_described(described, ["*.toml"])
    samples = described / "samples"
    suite = conforms(ID, samples / "nominal.csv", samples / "oddities.csv", plugins=loaded(info))()
    records = suite.take_sample(suite.nominal).records
    assert ("visit/1", "comment") in find_lost_fields(records, suite.supplier, suite.connector)


def test_nothing_is_lost_where_everything_comes_back(described):
    (info,) = list_described(described, ["*.toml"])
    samples = described / "samples"
    suite = conforms(ID, samples / "nominal.csv", samples / "oddities.csv", plugins=loaded(info))()
    assert find_lost_fields(suite.take_sample(suite.nominal).records, suite.supplier, suite.connector) == set()


def test_a_description_that_breaks_down_is_not_a_grade(described, monkeypatch):
    def fail(*_anything):
        raise ZeroDivisionError

    monkeypatch.setattr(ConnectorUnderTest, "take_sample", fail)
    monkeypatch.setattr("passerelle.testing.conformance.ask_watcher", lambda *_anything: {})
    monkeypatch.setattr(Conformance, "resists", lambda *_anything: None)
    one = certificate(described)
    assert one.grade is Grade.NONE
    hints = {result.hint for result in one.results if not result.passed}
    assert "ZeroDivisionError" in hints


def test_samples_of_an_installed_plugin_are_found_where_its_project_stands():
    (info,) = [info for info in list_installed() if info.name == "generic-telegestion"]
    found = _find_samples(list(_list_folders(info)), ID, alone=True)
    assert found == (PLUGIN / "samples" / "nominal.csv", PLUGIN / "samples" / "oddities.csv")
