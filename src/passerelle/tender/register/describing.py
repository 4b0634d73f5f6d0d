"""Texts of a record of processing: the items of each activity, as people fill them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Sensitivity
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.tender import bilingual_texts, questions
from passerelle.vocabulary.formatting import format_day, format_labelled, typeset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from passerelle.contracts.field_meta import Purpose
    from passerelle.tender.register.recording import Activity, Datum, Endpoint, Register

LAW = "rgpd-30"
_KNOWN = ("folder", "api", "inbox", "database", "sftp", "ftps", "webdav", "s3", "mailbox", "exports", "target")


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
    blank, said = words("to_complete"), activity.processing
    persons = [words(subject.value, "persons") for subject in activity.list_subjects()]
    listed = [
        ("reference", said.get("reference", blank)),
        ("purpose", words.name_purpose(activity)),
        ("joint", _write_names(activity.joint_controllers, words)),
        ("basis", _write_basis(said, words) or blank),
        ("persons", "\n".join(persons) or words("none")),
        ("categories", "\n".join(_iter_categories(activity, words)) or words("none")),
        ("nir", _write_nir(activity, words)),
        ("fields", words.name_fields(activity.sent)),
        ("special", words.name_fields(activity.of(Sensitivity.SPECIAL))),
        ("surveillance", words.name_fields(activity.of(Sensitivity.SURVEILLANCE))),
        *([("awaited", words.name_fields(activity.awaited))] if activity.awaited else []),
        ("unneeded", words.name_fields(activity.unneeded)),
        ("outside", words("outside_yes" if activity.sends_outside else "outside_no")),
        ("source", f"{activity.connector} ({words.name_endpoint(activity.source)})"),
        ("supplier", activity.supplier),
        ("processors", _write_names(activity.processors, words)),
        ("recipients", _write_recipient(activity, words)),
        ("transfers", _write_transfer(activity, words)),
        ("informed", _write_information(said, words) or blank),
        ("impact", said.get("impact_assessment", blank)),
        ("choice", words(activity.consent)),
        ("retention", _write_retention(activity, register, words)),
        ("measures", _write_measures(register, words)),
        (
            "dates",
            words("since", day=format_day(said["in_use_since"], words.language)) if "in_use_since" in said else blank,
        ),
    ]
    return [(words(name), text) for name, text in listed]


def list_controller_items(register: Register, words: RegisterWords) -> list[tuple[str, str]]:
    """Return who answers for the processing: label, content."""
    controller, blank = register.controller, words("to_complete")
    officer = "\n".join(filter(None, (controller.dpo, controller.dpo_contact)))
    listed = [
        ("controller", "\n".join(filter(None, (controller.name, controller.address))) if controller.name else blank),
        ("representative", controller.representative or blank),
        ("contact", controller.contact or blank),
        ("dpo", officer or blank),
    ]
    return [(words(name), text) for name, text in listed]


def count_blanks(register: Register, words: RegisterWords) -> int:
    """Count the items that the controller has to complete."""
    items = [
        *list_controller_items(register, words),
        *(item for one in register.activities for item in list_items(one, register, words)),
    ]
    blank = words("to_complete")
    return sum(blank in text for _label, text in items)


def _write_names(names: Sequence[str] | None, words: RegisterWords) -> str:
    """Return names, a line each; that there are none, where somebody said so."""
    if names is None:
        return words("to_complete")
    return "\n".join(names) or words("nobody")


def _iter_categories(activity: Activity, words: RegisterWords) -> Iterator[str]:
    """Yield the categories of data, those of each kind of person apart: a professional's are not a person's."""
    for subject in activity.list_subjects():
        levels = [words(level.value, "categories") for level in activity.list_categories(subject)]
        yield format_labelled(words(subject.value, "persons"), typeset("; ".join(levels)), words.language)
    # to be named as such in the record: loi Informatique et Libertés, article 30
    if any(datum.is_sent for datum in activity.nir):
        yield words("nir_category")


def _write_nir(activity: Activity, words: RegisterWords) -> str:
    if not activity.nir:
        return words("nir_no")
    says = words("nir_sent" if any(datum.is_sent for datum in activity.nir) else "nir_kept")
    text = activity.processing.get("nir_text")
    return "\n".join((says, words("nir_allowed", text=text) if text else words("nir_unsaid")))


def _write_transfer(activity: Activity, words: RegisterWords) -> str:
    country = activity.processing.get("country")
    if not country:
        return words("to_complete")
    if not activity.is_transfer:
        return words("transfer_no", country=country)
    safeguards = activity.processing.get("safeguards")
    return words("transfer_yes", country=country, safeguards=safeguards or words("to_complete"))


def _write_measures(register: Register, words: RegisterWords) -> str:
    own = register.controller.measures
    return "\n".join((words("measures_say"), own or words("measures_rest")))


def _write_basis(said: Mapping[str, str], words: RegisterWords) -> str:
    parts = [words(said["basis"], "bases") if "basis" in said else "", said.get("basis_text", "")]
    ground = f"art. 9, 2, {said['special_ground']}" if "special_ground" in said else ""
    return "\n".join(filter(None, (*parts, ground, said.get("special_text", ""))))


def _write_recipient(activity: Activity, words: RegisterWords) -> str:
    said = activity.processing
    kind = words(said["recipient_kind"], "recipient_kinds") if "recipient_kind" in said else ""
    parts = (
        said.get("recipient") or words("to_complete"),
        kind,
        said.get("secrecy", ""),
        words.name_endpoint(activity.destination),
    )
    return "\n".join(filter(None, parts))


def _write_information(said: Mapping[str, str], words: RegisterWords) -> str:
    days = {
        "informed_persons": said.get("informed_on"),
        "informed_professionals": said.get("professionals_informed_on"),
        "consulted": said.get("council_consulted_on"),
    }
    return "\n".join(words(name, day=format_day(day, words.language)) for name, day in days.items() if day)


def _write_retention(activity: Activity, register: Register, words: RegisterWords) -> str:
    """Return how long data are kept, here and at the recipient, there by category where these differ."""
    said, rest = activity.processing, activity.processing.get("recipient_days")
    lines = [words("retention_says", days=str(register.retention_days))]
    if activity.shelf_days is not None:
        lines.append(words("shelf_keeps", days=str(activity.shelf_days)))
    levels = list(activity.list_sensitivities()) if activity.category_days else []
    for level in levels:
        days = activity.category_days.get(level.value, rest)
        time = words("days", days=str(days)) if days else words("to_complete")
        lines.append(format_labelled(words(level.value, "categories"), time, words.language))
    if not levels:
        lines.append(words("recipient_keeps", days=rest) if rest else words("recipient_unsaid"))
    if "then" in said:
        lines.append(words(f"then_{said['then']}"))
    return "\n".join(lines)


def write_heading(activity: Activity, words: RegisterWords) -> str:
    """Return the heading of an activity: its flow or change of supplier, to whom, and whether it runs."""
    aside = "" if activity.is_enabled else f" ({words('disabled')})"
    recipient = activity.processing.get("recipient")
    return f"{words(activity.kind, name=activity.flow)}{f' – {recipient}' if recipient else ''}{aside}"


def write_purpose_heading(purpose: Purpose, words: RegisterWords) -> str:
    """Return the heading of all activities of a purpose."""
    title = get_label(purpose, words.language)
    return title[:1].upper() + title[1:]
