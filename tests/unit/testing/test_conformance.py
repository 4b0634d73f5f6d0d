"""The suite lent to plugins fails when it should."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from people_flow import SUPPLIER

from passerelle.extension.loading import list_described, load_plugins
from passerelle.testing.certifying import certify
from passerelle.testing.conformance import conforms
from passerelle.testing.grades import Grade
from passerelle.testing.samples import SampleMessage, SampleOutcome

SAMPLES = Path(__file__).parents[3] / "plugins" / "compani" / "samples" / "interventions"


@pytest.fixture
def samples(tmp_path):
    """Copy a plugin's samples, to spoil them."""
    return Path(shutil.copytree(SAMPLES, tmp_path / "samples"))


@pytest.fixture
def suite(samples):
    return conforms("compani-interventions", samples / "nominal.csv", samples / "oddities.csv")()


def rewrite(file: Path, change):
    file.write_bytes(change(file.read_bytes().decode()).encode())


def test_untouched_samples_pass(suite):
    suite.test_the_nominal_sample_gives_the_expected_records_and_nothing_else()
    suite.test_every_oddity_is_told_with_its_reason_and_place()


def test_a_record_that_differs_from_what_is_expected_is_caught(suite, samples):
    rewrite(samples / "nominal.expected.jsonl", lambda text: text.replace('"done"', '"missed"', 1))
    with pytest.raises(AssertionError):
        suite.test_the_nominal_sample_gives_the_expected_records_and_nothing_else()


def test_a_record_that_nobody_expected_is_caught(suite, samples):
    rewrite(samples / "nominal.expected.jsonl", lambda text: text.split("\n", 1)[1])
    with pytest.raises(AssertionError):
        suite.test_the_nominal_sample_gives_the_expected_records_and_nothing_else()


def test_an_oddity_told_with_another_reason_is_caught(suite, samples):
    rewrite(
        samples / "oddities.expected.jsonl", lambda text: text.replace("translate.time.twice", "translate.time.missing")
    )
    with pytest.raises(AssertionError):
        suite.test_every_oddity_is_told_with_its_reason_and_place()


def test_a_nominal_sample_that_is_not_nominal_is_caught(samples):
    suite = conforms("compani-interventions", samples / "oddities.csv", samples / "oddities.csv")()
    with pytest.raises(AssertionError):
        suite.test_the_nominal_sample_gives_the_expected_records_and_nothing_else()


@pytest.mark.parametrize("name", ["Équipes de nuit et de jour", "Secteur"])
def test_a_column_that_the_connector_does_not_know_is_caught(suite, samples, name):
    rewrite(samples / "nominal.csv", lambda text: text.replace('"Équipe"', f'"{name}"', 1))
    with pytest.raises(AssertionError):
        suite.test_every_column_of_the_sample_is_mapped_carried_or_waived()


def test_the_same_event_twice_in_the_nominal_sample_is_caught(suite, samples):
    rewrite(samples / "nominal.csv", lambda text: text + "\r\n" + text.split("\r\n")[1])
    with pytest.raises(AssertionError):
        suite.test_the_same_input_gives_the_same_refs_each_of_them_once()


def telling(samples: Path, fact: str):
    class Telling(conforms("compani-interventions", samples / "nominal.csv", samples / "oddities.csv")):
        def take_sample(self, sample, gait=None):
            return SampleOutcome(details=[SampleMessage({}, (fact,))], cells=super().take_sample(sample, gait).cells)

    return Telling()


@pytest.mark.parametrize("fact", ["QR Code manquant", "«LORIOT»", "66f0b1d2c3b4a59687760011"])
def test_a_cell_of_a_sample_in_a_message_is_caught(samples, fact):
    with pytest.raises(AssertionError):
        telling(samples, fact).test_no_value_of_the_samples_is_in_any_message()


def test_words_of_our_own_in_a_message_are_no_leak(samples):
    telling(samples, "Oui / Non, 27 cells, Intervention").test_no_value_of_the_samples_is_in_any_message()


def test_expected_lines_are_json_with_what_is_empty_left_out():
    lines = [
        json.loads(line) for line in (SAMPLES / "oddities.expected.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert all(value not in ("", None) for line in lines for value in line.values())


def test_a_reference_declared_opaque_that_holds_an_address_is_caught_and_not_quoted(suite, samples):
    suite.test_a_reference_declared_opaque_says_nothing_about_anybody()
    for name in ("nominal.csv", "oddities.csv"):
        rewrite(samples / name, lambda text: text.replace("66f0b1d2c3b4a59687760013", "lea.dupont@example.org"))
    with pytest.raises(AssertionError) as caught:
        conforms(
            "compani-interventions",
            samples / "nominal.csv",
            samples / "oddities.csv",
            plugins=load_plugins(["compani"]),
        )().test_a_reference_declared_opaque_says_nothing_about_anybody()
    assert "compani:person: (visit/1 person_ref): e-mail" in str(caught.value)
    assert "dupont" not in str(caught.value).partition("assert")[0]


def test_a_connector_loses_its_grade_by_declaring_a_name_opaque(tmp_path):
    (tmp_path / "samples").mkdir()
    for name in ("nominal", "oddities"):
        (tmp_path / "samples" / f"{name}.csv").write_text("id;nom;note\nDUPONT;DUPONT;vu\n", "utf-8")
    grades = []
    for words in (SUPPLIER, SUPPLIER.replace(", opaque = true", "")):
        (tmp_path / "essai.toml").write_text(words, "utf-8")
        (info,) = list_described(tmp_path, ["essai.toml"])
        (certificate,) = certify(info)
        (result,) = [one for one in certificate.results if one.check.name.endswith("says_nothing_about_anybody")]
        grades.append((result.passed, certificate.grade))
    assert grades[0] == (False, Grade.NONE)
    assert grades[1][0]
    assert grades[1][1] is not Grade.NONE
