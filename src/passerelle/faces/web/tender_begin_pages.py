"""A tender is begun: for which trade, by whom, which kinds of records are asked for. Built as the command builds it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from passerelle.engine.clock import find_local_day
from passerelle.faces.web.blocks import (
    CellChoice,
    CellLink,
    DataTable,
    FormField,
    LinkList,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.check_pages import take_place
from passerelle.faces.web.plain_words import explain_plainly, name_contract
from passerelle.faces.web.tender_pages import list_trail, require_whole, write_base
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.tender.beginning import begin_tender
from passerelle.tender.bilingual_texts import load_texts
from passerelle.tender.composing import BuyerChoices
from passerelle.tender.trades import get_trade, list_trades
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.language import _, get_current

if TYPE_CHECKING:
    from typing import Literal

    from passerelle.faces.web.blocks import PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.tender.trades import TradeProposal

BASE = "/consultations/nouvelle"
_MOST_DIGITS = 9
_WITHOUT = "non"


def choose_trade(visit: PageVisit) -> WebPage:
    """Return the trades for which a tender can be begun."""
    require_whole(visit)
    language = get_current()
    links = tuple(CellLink(get_trade(name).title.of(language), f"{BASE}/{name}") for name in list_trades())
    told = _("Each trade proposes what is usually asked for; you then keep what you need of it.")
    return WebPage(_("Begin a tender: for which trade?"), [Paragraph(told), LinkList(links)], list_trail())


def show_form(visit: PageVisit) -> WebPage:
    """Return what is asked of the buyer, with what the trade proposes."""
    return _write_form(visit, _find_trade(visit), {})


def begin(visit: PageVisit) -> WebPage | PageRedirect:
    """Begin a tender and build it, or return the form with what is wrong in it."""
    trade = _find_trade(visit)
    faults = _find_faults(visit, trade)
    if faults:
        return _write_form(visit, trade, faults)
    language = cast("Literal['fr', 'en']", get_current())
    root = visit.workspace.settings.path.parent
    try:
        with take_place(visit):
            name = begin_tender(root, trade, _read_choices(visit, trade), language)
    except (UsageError, SettingsError) as error:
        told = _("Something of that name is there already: write another title.")
        if error.code != "usage.file.exists":
            told = " ".join(explain_plainly(error.code, error.words))
        return _write_form(visit, trade, {"titre": told})
    return PageRedirect(write_base(name), _("The tender is begun, and its papers are written."))


def _find_trade(visit: PageVisit) -> TradeProposal:
    require_whole(visit)
    name = visit.places["trade"]
    if name not in list_trades():
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return get_trade(name)


def _read(visit: PageVisit, name: str) -> str:
    return visit.form.get(name, "").strip()


def _find_faults(visit: PageVisit, trade: TradeProposal) -> dict[str, str]:
    """Return what is wrong with each field that was sent."""
    faults = {name: _("Write something here.") for name in ("titre", "acheteur", "reference") if not _read(visit, name)}
    for name in trade.volumes:
        text = _read(visit, f"volume-{name}")
        if text and not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            faults[f"volume-{name}"] = _("Write a whole number, or nothing.")
    if not _list_kept(visit, trade):
        faults["titre"] = _("Keep at least one kind of records.")
    return faults


def _list_kept(visit: PageVisit, trade: TradeProposal) -> tuple[str, ...]:
    return tuple(one for one in trade.contracts if visit.form.get(_name_choice(one)) != _WITHOUT)


def _name_choice(contract: str) -> str:
    return f"donnees-{contract.partition('/')[0]}"


def _read_choices(visit: PageVisit, trade: TradeProposal) -> BuyerChoices:
    return BuyerChoices(
        id=_read(visit, "reference"),
        date=find_local_day(visit.workspace.clock.now()).isoformat(),
        title=_read(visit, "titre"),
        buyer=_read(visit, "acheteur"),
        contracts=_list_kept(visit, trade),
        volumes={name: int(_read(visit, f"volume-{name}") or 0) for name in trade.volumes},
    )


def _write_form(visit: PageVisit, trade: TradeProposal, faults: dict[str, str]) -> WebPage:
    language = get_current()
    day = find_local_day(visit.workspace.clock.now()).isoformat()
    usual = {"titre": trade.title.of(language), "reference": f"{day[:4]}-01"}
    labels = load_texts("document")["volumes"]
    named = {
        "titre": (_("What are you looking for?"), _("The title of the document.")),
        "acheteur": (_("Who buys?"), ""),
        "reference": (_("Your reference"), ""),
    }
    fields = [
        FormField(name, label, hint, faults.get(name, ""), visit.form.get(name, usual.get(name, "")), most=100)
        for name, (label, hint) in named.items()
    ]
    hint = _("Left empty, it is printed as a place to complete.")
    for volume in trade.volumes:
        name, label = f"volume-{volume}", labels[volume][language]
        given = visit.form.get(name, "")
        fields.append(FormField(name, label, hint, faults.get(name, ""), given, "number", is_required=False, most=9))
    told = _("Bidders come later: their samples are scored on the tender's page.")
    form = PageForm(f"{BASE}/{trade.name}", _("Begin the tender"), tuple(fields), _list_kinds(visit, trade))
    links = tuple(CellLink(fault, f"#{name}") for name, fault in faults.items())
    notices = [PageNotice("fault", _("The form was not taken."), link=link) for link in links]
    title = _("Begin a tender: {trade}").format(trade=trade.title.of(language))
    trail = (*list_trail(), CellLink(_("Begin a tender"), BASE))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return WebPage(title, [*notices, Paragraph(told), form], trail, status=status.value)


def _list_kinds(visit: PageVisit, trade: TradeProposal) -> DataTable:
    """Return the kinds of records that the trade proposes, each to be kept or left out."""
    choices = (("oui", _("asked for")), (_WITHOUT, _("left out")))
    rows: list[tuple[PageCell, ...]] = []
    for contract in trade.contracts:
        title, name = name_contract(contract), _name_choice(contract)
        rows.append((title, CellChoice(name, title, choices, visit.form.get(name, "oui"))))
    return DataTable(_("Kinds of records that the new software must give"), (_("kind"), _("choice")), tuple(rows))
