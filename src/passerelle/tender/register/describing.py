"""Texts of a record of processing: the items of each activity, as people fill them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Sensitivity
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.tender import bilingual_texts, questions
from passerelle.vocabulary.formatting import format_labelled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.tender.register.recording import Activity, Datum, Endpoint, Register

LAW = "rgpd-30"
_KNOWN = ("folder", "api", "inbox", "database", "sftp")


@dataclass(frozen=True, slots=True)
class RegisterWords:
    """Writes a record in one language."""

    language: str

    def __call__(self, name: str, /, table: str = "words", **facts: str) -> str:
        """Return a word of the record."""
        return bilingual_texts.get_word("register", table, name, self.language, **facts)

    def name_endpoint(self, door: Endpoint) -> str:
        """Return the name of a source or destination."""
        if door.kind in _KNOWN:
            return self(door.kind, name=door.name)
        return " ".join(filter(None, (door.kind, door.name)))

    def name_field(self, datum: Datum) -> str:
        """Return the title of a field."""
        return bilingual_texts.get_field_title(datum.contract, datum.field).of(self.language)

    def name_fields(self, data: Iterable[Datum]) -> str:
        """Return the titles of fields, grouped by contract."""
        groups: dict[str, list[str]] = {}
        for datum in data:
            groups.setdefault(datum.contract, []).append(self.name_field(datum))
        lines = [
            format_labelled(self.name_contract(contract), ", ".join(dict.fromkeys(names)), self.language)
            for contract, names in groups.items()
        ]
        return "\n".join(lines) or self("none")

    def name_contract(self, contract: str) -> str:
        """Return the title of a contract."""
        return bilingual_texts.get_record_title(contract).of(self.language)

    def name_purpose(self, activity: Activity) -> str:
        """Return the title of the purpose of an activity."""
        return get_label(activity.purpose, self.language)

    def get_law(self) -> tuple[str, str, str, str]:
        """Return title, text, source and warning of the article that the record answers to."""
        law = questions.get_laws()[LAW]
        return tuple(part.of(self.language) for part in (law.title, law.says, law.source, law.warning))  # type: ignore[return-value]  # four parts


def list_items(activity: Activity, register: Register, words: RegisterWords) -> list[tuple[str, str]]:
    """Return the items of an activity: label, content."""
    # Article 30 also asks for what no setting knows: left to fill in, never invented.
    blank = words("to_complete")
    persons = [words(subject.value, "persons") for subject in activity.list_subjects()]
    categories = [words(level.value, "categories") for level in activity.list_sensitivities()]
    listed = [
        ("purpose", words.name_purpose(activity)),
        ("controller", blank),
        ("dpo", blank),
        ("basis", blank),
        ("persons", "\n".join(persons) or words("none")),
        ("categories", "\n".join(categories) or words("none")),
        ("fields", words.name_fields(activity.sent)),
        ("special", words.name_fields(activity.of(Sensitivity.SPECIAL))),
        ("surveillance", words.name_fields(activity.of(Sensitivity.SURVEILLANCE))),
        ("unneeded", words.name_fields(activity.unneeded)),
        ("outside", words("outside_yes" if activity.sends_outside else "outside_no")),
        ("source", f"{activity.connector} ({words.name_endpoint(activity.source)})"),
        ("processors", activity.supplier),
        ("recipients", words.name_endpoint(activity.destination)),
        ("transfers", blank),
        ("choice", words(activity.consent)),
        ("retention", words("retention_says", days=str(register.retention_days))),
        ("measures", words("measures_say")),
        ("dates", blank),
    ]
    return [(words(name), text) for name, text in listed]


def write_heading(activity: Activity, words: RegisterWords) -> str:
    """Return the heading of an activity: its flow, its purpose, and whether it runs."""
    aside = "" if activity.is_enabled else f" ({words('disabled')})"
    return f"{activity.flow} – {words.name_purpose(activity)}{aside}"
