"""Processing in plain words: what for, on what ground, to whom, how long; for pages that anybody reads."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.processing import Basis
from passerelle.documents.plain_page import BLANK
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count, format_day
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.contracts.processing import Controller, Processing

PURPOSES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.SUPPORT: N_("the support that is given to the person"),
        Purpose.PLANNING: N_("to plan who comes, and when"),
        Purpose.BILLING: N_("invoices and payment"),
        Purpose.EFFECTIVITY: N_("who pays for the help checks that it was given"),
        Purpose.RIGHTS: N_("to obtain rights and benefits"),
        Purpose.PAY: N_("the pay of professionals"),
        Purpose.STEERING: N_("figures on our activity, without names, for those who direct it"),
        Purpose.STATISTICS: N_("statistics, without names"),
        Purpose.PORTABILITY: N_("to take our own data along to other software"),
    }
)
BASES: Mapping[Basis, str] = MappingProxyType(
    {
        Basis.CONSENT: N_("the agreement of the person"),
        Basis.CONTRACT: N_("a contract"),
        Basis.OBLIGATION: N_("the law obliges us to"),
        Basis.VITAL: N_("to protect somebody's life"),
        Basis.PUBLIC_TASK: N_("our task in the public interest"),
        Basis.LEGITIMATE_INTEREST: N_("the legitimate interest of our organisation"),
    }
)
_YEAR = 365
_MOST_DAYS = 730
"""Days up to which a time that is no whole number of years is written in days."""


def format_days(days: int) -> str:
    """Return a time as people say it: `5 ans`, `90 jours`."""
    if days % _YEAR == 0:
        years = days // _YEAR
        return translate_plural("{count} year", "{count} years", years).format(count=format_count(years))
    if days > _MOST_DAYS:
        months = round(days * 12 / _YEAR)
        return translate_plural("about {count} month", "about {count} months", months).format(count=months)
    return translate_plural("{count} day", "{count} days", days).format(count=format_count(days))


def describe_purpose(processing: Processing) -> tuple[str, ...]:
    """Return what a processing is for."""
    return (_(PURPOSES[processing.purpose]),)


def describe_recipient(processing: Processing) -> tuple[str, ...]:
    """Return who receives; an empty place where the settings name nobody."""
    recipient = processing.recipient
    if not recipient.name:
        return (BLANK,)
    kind = _(labels.RECIPIENTS[recipient.kind])
    lines = [_("{name} ({kind})").format(name=recipient.name, kind=kind)]
    if recipient.secrecy:
        lines.append(_("bound by secrecy: {rule}").format(rule=recipient.secrecy))
    return tuple(lines)


def describe_basis(processing: Processing) -> tuple[str, ...]:
    """Return on what a processing rests; an empty place where the settings do not say."""
    if processing.basis is None:
        return (BLANK,)
    lines = [_(BASES[processing.basis]), processing.basis_text]
    if processing.special_ground:
        letter = processing.special_ground
        lines.append(_("sensitive data: GDPR, article 9, paragraph 2, {letter}").format(letter=letter))
    return tuple(filter(None, (*lines, processing.special_text)))


def describe_retention(processing: Processing) -> tuple[str, ...]:
    """Return how long the recipient keeps records; an empty place where the settings do not say."""
    retention = processing.retention
    if retention.recipient_days is None and not retention.categories:
        return (BLANK,)
    ends = {"erase": _("then they are erased"), "archive": _("then they go into an archive")}
    lines = [format_days(retention.recipient_days)] if retention.recipient_days is not None else []
    for level, days in retention.categories.items():
        label, time = _(labels.SENSITIVITIES[level]), format_days(days)
        lines.append(_("{category}: {time}").format(category=label, time=time))
    return tuple(filter(None, (*lines, ends.get(retention.then, ""))))


def describe_day(day: object) -> tuple[str, ...]:
    """Return a day in words; an empty place where there is none."""
    return (format_day(str(day)),) if day else (BLANK,)


def iter_controller(controller: Controller) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield who answers for the processing, and how they are reached: label and lines."""
    name = tuple(filter(None, (controller.name, controller.address))) if controller.name else (BLANK,)
    yield _("Who answers for it"), name
    yield _("To use your rights"), (controller.contact,)
    officer = tuple(filter(None, (controller.dpo, controller.dpo_contact)))
    yield _("Data protection officer"), officer or (BLANK,)


def iter_authority() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield how the authority is reached that protects personal data: label and lines."""
    yield _("By post"), ("CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07",)
    yield _("On the internet"), ("www.cnil.fr/fr/plaintes",)


def join_titles(titles: Iterable[str]) -> str:
    """Return titles of fields in one line, each once, in order."""
    return ", ".join(dict.fromkeys(titles))
