"""Parts that the notices of a flow share: what they are made from, who answers, to whom, how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.processing import is_outside_union
from passerelle.documents.plain_page import BLANK
from passerelle.faces.report.field_values import get_title
from passerelle.faces.report.person_records import get_contract_title
from passerelle.faces.report.plain_words import (
    describe_basis,
    describe_purpose,
    describe_recipient,
    describe_retention,
    format_days,
    join_titles,
)
from passerelle.vocabulary.formatting import format_labelled
from passerelle.vocabulary.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from passerelle.contracts.processing import Controller, Processing
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.tender.register.recording import Activity, Datum

Fact = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSources:
    """What the notices of one flow are made from: its settings, and what its connector reads."""

    flow: Flow
    activity: Activity
    controller: Controller
    retention_days: int
    """How long rows that are set aside are kept here."""

    @property
    def processing(self) -> Processing:
        """Return what the settings declare."""
        return self.flow.declare_processing()


def iter_reasons(sources: NoticeSources) -> Iterator[Fact]:
    """Yield what a flow is for, and on what it rests."""
    yield _("What for"), describe_purpose(sources.processing)
    yield _("What allows it"), describe_basis(sources.processing)


def iter_recipients(sources: NoticeSources) -> Iterator[Fact]:
    """Yield who receives, who works for us or decides with us, and what holds outside the Union."""
    processing = sources.processing
    yield _("To whom"), describe_recipient(processing)
    if processing.processors:
        names = tuple(", ".join(filter(None, (one.name, one.task, one.country))) for one in processing.processors)
        yield _("Who works for us on it"), names
    if processing.joint_controllers:
        yield _("Who decides with us"), processing.joint_controllers
    country = processing.recipient.country
    if is_outside_union(country):
        label = _("Outside the European Union ({country}), protected by").format(country=country)
        yield label, (processing.safeguards or BLANK,)
    elif not country:
        yield _("In which country"), (BLANK,)


def iter_times(sources: NoticeSources) -> Iterator[Fact]:
    """Yield how long data are kept, there and here."""
    yield _("How long they are kept there"), describe_retention(sources.processing)
    yield _("How long in our exchange software"), (format_days(sources.retention_days),)
    if sources.flow.shelf_days is not None:
        kept = _("{days} after the last change, encrypted, for those who may read it").format(
            days=format_days(sources.flow.shelf_days)
        )
        yield _("How long a copy of what is sent is kept here"), (kept,)


def name_data(data: Iterable[Datum]) -> tuple[str, ...]:
    """Return the titles of fields, a line a contract; references between records say nothing to anybody."""
    titles: dict[str, list[str]] = {}
    for datum in data:
        contract = contracts.get(datum.contract)
        meta = contract.describe_fields()[datum.field]
        if datum.field != "ref" and not meta.reference:
            titles.setdefault(datum.contract, []).append(get_title(contract, datum.field))
    return tuple(format_labelled(get_contract_title(name), join_titles(some)) for name, some in titles.items())
