"""A contact log like those of the health insurance's customer relations: a paged JSON API behind OAuth2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from passerelle import Access, Connector, FlowError, Json, Send, Supplier, Table, hookimpl, writing
from passerelle import convert as to
from passerelle.extension.paging import Listing, walk_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle import Client, Page, Reply

_SYSTEM = "grc-contacts"
_CONTACTS = "v1/contacts"

_CHANNELS = {
    "TEL": "phone",
    "ACC": "on_site_unplanned",
    "RDV": "on_site_planned",
    "MEL": "email",
    "CPT": "portal",
    "COU": "mail",
}
_OUTCOME_LABELS = {
    "RES": "Demande résolue",
    "INF": "Information donnée",
    "TRF": "Demande transmise à un autre service",
    "RAP": "Rappel convenu",
}


class Settings(BaseModel):
    """Options of `[flow.NAME.source.settings]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_size: int = Field(default=100, ge=1, le=100)


def collect(client: Client, settings: Settings | None, cursor: str) -> Iterator[Page]:
    """Yield the contacts changed after the revision in `cursor`. Raises FlowError when the API refuses the request."""
    limit = str((settings or Settings()).page_size)

    def ask(after: str) -> Reply:
        reply = client.get(_CONTACTS, {"after": after, "limit": limit})
        if reply.status != 200:
            raise FlowError("incident.source.misaddressed", status=str(reply.status))
        return reply

    # A contact that changes twice has two revisions: it may come twice, its revision does not. `next` says whether
    # more follows: an empty page need not be asked for.
    listing = Listing(rows="contacts", id="revision", more="next")
    return walk_places(
        ask, listing, "contacts", first=cursor or "0", find_next=lambda page: str(page["revision"]), is_cursor=True
    )


def _make_cell(column: str, *, kind: Literal["text", "number"] = "text", needed: bool = False) -> writing.Cell:
    """Return a member of a contact, which is read inside a list and written alone."""
    return writing.Cell(f"contacts.{column}", kind=kind, needed=needed)


_WRITTEN = writing.Writing(
    contract="interaction/1",
    shape=writing.JsonShape(
        root={
            "created_at": _make_cell("created_at", needed=True),
            "channel": _make_cell("channel", needed=True),
            "direction": _make_cell("direction"),
            "motive": {"code": _make_cell("motive.code"), "label": _make_cell("motive.label")},
            "outcome": _make_cell("outcome"),
            "repeat_of": _make_cell("repeat_of"),
            "call_back_on": _make_cell("call_back_on"),
            "duration_minutes": _make_cell("duration_minutes", kind="number"),
            "insured": {"id": _make_cell("insured.id"), "fund": _make_cell("insured.fund")},
            "agent": {"id": _make_cell("agent.id"), "team": _make_cell("agent.team")},
            "comment": _make_cell("comment"),
        }
    ),
)

CONTACTS = Connector(
    id="grc-contacts",
    title="Relation client (type GRC) : journal des contacts (API)",
    dialect=Json(lists={"contacts": "contacts"}),
    unread={"../revision": "numéro de la page de réponse, que la collecte suit"},
    access=Access(scheme="oauth2", token_path="oauth/token", per_second=5.0, in_flight=1),  # noqa: S106  a path
    collect=collect,
    settings=Settings,
    send=Send(
        path=_CONTACTS,
        own="contacts.id",
        own_path=f"{_CONTACTS}/{{id}}",
        says=writing.ResponseRules(code=("error", "code")),
    ),
    writes=(_WRITTEN,),
    tables=(
        Table(
            contract="interaction/1",
            member="contacts",
            fields={
                "ref": to.Ref("id", system=_SYSTEM, entity="interaction"),
                "person_ref": to.Ref("insured.id", system=_SYSTEM, entity="person"),
                "professional_ref": to.Ref("agent.id", system=_SYSTEM, entity="professional"),
                "occurred_at": to.Instant("created_at"),
                "duration": to.Minutes("duration_minutes"),
                "channel": to.Code("channel", table=_CHANNELS, system="channels"),
                "direction": to.Word("direction", table={"E": "incoming", "S": "outgoing"}),
                "motives": [to.Code("motive.code", system="grc-motives")],
                "outcome": to.Code("outcome", system="grc-outcomes", labels=_OUTCOME_LABELS),
                "repeat_of": to.Ref("repeat_of", system=_SYSTEM, entity="interaction"),
                "call_back_on": to.Date("call_back_on", formats=("%Y-%m-%d",)),
                "synthesis": to.Text("comment", max_length=20000),
            },
            carried=("motive.label", "insured.fund", "agent.team"),
            waived={"revision": "compte les modifications de l'API : c'est le curseur, non un fait sur le contact"},
        ),
    ),
)


@hookimpl
def provide_suppliers() -> list[Supplier]:
    """Return the one supplier of this plugin."""
    return [Supplier(id=_SYSTEM, title="Relation client de l'Assurance Maladie (type GRC)", connectors=(CONTACTS,))]
