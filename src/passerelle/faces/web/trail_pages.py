"""The audit trail: who saw or decided what, when and why; an auditor reads all of it and verifies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.contracts.field_meta import Purpose
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.engine.audit.audit_trail import verify_trail
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    Heading,
    LinkList,
    PageForm,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.rights import Right
from passerelle.stores.consents import ALL_PURPOSES_ANSWER
from passerelle.vocabulary import labels
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, get_current, translate_plural

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.trail import AuditEntry

PAGE = 50
_LOOKED_AT = 500
"""Entries that are opened for one page of somebody's own acts."""


def list_acts(visit: PageVisit) -> WebPage:
    """Return the latest acts, without whom they are about: everybody's for an auditor, the visitor's own for others."""
    sees_all = visit.visitor.may(Right.ALL_ACTS)
    before = visit.read_number(visit.query.get("avant", "0"))
    found = visit.workspace.journal.list_latest_entries(before=before, limit=PAGE if sees_all else _LOOKED_AT)
    own = [entry for entry in found if sees_all or _is_own(entry, visit.visitor.name)][:PAGE]
    heads = (_("no."), _("when"), _("act"), _("purpose"), _("who"), _("why"))
    caption = _("Acts, the latest first") if sees_all else _("Your acts, the latest first")
    blocks: list[PageBlock] = [
        Paragraph(_("Each time values were seen, corrected or destroyed, an entry says who did it and why.")),
        Paragraph(
            _("So does one when somebody came in, or could not. If one in your name was not you, tell it at once.")
        ),
        DataTable(caption, heads, tuple(map(_describe_entry, own)), _("No entry.")),
    ]
    last = own[-1].entry if len(own) == PAGE else found[-1].entry if found else 1
    if last > 1:
        blocks.append(LinkList((CellLink(_("Earlier acts"), f"/audit?avant={last}"),)))
    if sees_all:
        blocks += [Heading(1, _("Is the trail whole?")), PageForm("/audit/verification", _("Verify the trail"))]
    return WebPage(_("Audit trail"), blocks)


def verify(visit: PageVisit) -> PageRedirect:
    """Verify that no entry was changed or taken out. What does not hold is an error, and its page says where."""
    count = verify_trail(visit.workspace)
    words = translate_plural(
        "The audit trail is whole: {count} entry.", "The audit trail is whole: {count} entries.", count
    )
    return PageRedirect("/audit", words.format(count=format_count(count)))


def _describe_entry(entry: AuditEntry) -> tuple[str, ...]:
    act = _(labels.ACTS[entry.action]) if entry.action in labels.ACTS else entry.action
    is_way = entry.action in ("account.sign_in", "account.refuse") and entry.why in labels.WAYS
    why = _(labels.WAYS[entry.why]) if is_way else entry.why
    # who it was that could not come in is not known: whose name they gave is
    who = entry.who or (entry.subject if entry.action == "account.refuse" else "")
    return str(entry.entry), tell_moment(entry.at), act, _name_purposes(entry.purpose), who, why


def _is_own(entry: AuditEntry, name: str) -> bool:
    """Whether an entry is somebody's own: their acts, and whoever tried to come in under their name."""
    return entry.who == name or (entry.action == "account.refuse" and entry.subject == name)


def _name_purposes(codes: str) -> str:
    """Return the purposes of an act in words; who reads a page does not know the words of the settings."""
    if codes == ALL_PURPOSES_ANSWER:
        return _("every purpose")
    known, language = set(Purpose), get_current()
    return ", ".join(get_label(Purpose(code), language) if code in known else code for code in codes.split())
