"""Signing in with a passkey, and the page of an account: who one is here, and which passkeys one has."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.engine.accounts import passkey_acts
from passerelle.engine.accounts.passkey_acts import LONGEST_NAME, PasskeyPlace
from passerelle.engine.accounts.sign_in_trail import SignInWay
from passerelle.engine.log import log
from passerelle.faces.web.blocks import (
    DataTable,
    FactList,
    FormField,
    Heading,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    PasskeyForm,
    WebPage,
)
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.sign_in_pages import open_account_door, refuse_entry, require_accounts, write_sign_in
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import show_text
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.accounts import Account
    from passerelle.stores.passkeys import Passkey

FRESH = timedelta(minutes=15)
"""Since when somebody must have signed in who adds a passkey: a page that was left open is nobody's way in for ever."""
_ENTER = "enter"


def ask_proof(visit: PageVisit) -> Response:
    """Answer what a passkey signs that opens the door."""
    _require_passkeys(visit)
    if not visit.doorkeeper.may_sign_in("", visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    challenge = visit.doorkeeper.desk.make_challenge(_ENTER)
    return _to_json(passkey_acts.describe_proof(_find_place(visit), challenge))


def enter(visit: PageVisit) -> WebPage | Response:
    """Open a session with a passkey."""
    _require_passkeys(visit)
    answer = visit.form.get("reponse", "")
    if not answer:
        # turned down in the browser: nobody was refused anything
        told = _("No passkey was shown. You can sign in with password and code.")
        return write_sign_in(visit, notice=PageNotice("doubt", _("You are not signed in."), told))
    found = passkey_acts.find_shown(visit.workspace, answer)
    name = found[1].name if found is not None else ""
    if not visit.doorkeeper.may_sign_in(name, visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    challenge = passkey_acts.read_challenge(answer)
    is_expected = visit.doorkeeper.desk.use_challenge(challenge, _ENTER)
    if found is None or not is_expected:
        return _turn_away(visit, name)
    if not passkey_acts.prove_passkey(visit.workspace, *found, _find_place(visit), answer):
        return _turn_away(visit, name)
    return open_account_door(visit, found[1], SignInWay.PASSKEY)


def show_account(visit: PageVisit) -> WebPage:
    """Return who somebody is here, and the passkeys of their account."""
    session = visit.signed
    roles = ", ".join(sorted(role.value for role in session.visitor.roles))
    flows = ", ".join(sorted(session.visitor.flows)) if session.visitor.flows is not None else _("all")
    facts = ((_("name"), session.visitor.name), (_("roles"), roles), (_("flows"), flows))
    blocks: list[PageBlock] = [FactList(facts)]
    account = visit.workspace.journal.get_account(session.account) if session.account else None
    has_passkeys = account is not None and visit.workspace.settings.web.passkeys
    if account is None:
        blocks.append(Paragraph(_("You came in by a link: there is no account to keep anything for.")))
    elif has_passkeys:
        blocks += _list_passkeys(visit, account)
    return WebPage(_("Your account"), blocks, script="passkey.js" if has_passkeys else "")


def ask_new_passkey(visit: PageVisit) -> Response:
    """Answer what a device signs that makes a passkey for the account of this session."""
    account = _require_account(visit)
    _require_fresh(visit)
    challenge = visit.doorkeeper.desk.make_challenge(f"add {visit.signed.form_key}")
    told = passkey_acts.describe_new_passkey(visit.workspace, account, _find_place(visit), challenge)
    handle = json.loads(told)["user"]["id"]
    visit.signed.passkey_handle = urlsafe_b64decode(handle + "=" * (-len(handle) % 4))
    return _to_json(told)


def add(visit: PageVisit) -> WebPage | PageRedirect:
    """Add a passkey to the account of this session."""
    account = _require_account(visit)
    _require_fresh(visit)
    answer, name = visit.form.get("reponse", ""), visit.form.get("nom_cle", "")
    challenge = passkey_acts.read_challenge(answer)
    handle, visit.signed.passkey_handle = visit.signed.passkey_handle, b""
    if not handle or not visit.doorkeeper.desk.use_challenge(challenge, f"add {visit.signed.form_key}"):
        raise UsageError("usage.passkey.refused")
    passkey_acts.add_passkey(visit.workspace, account, _find_place(visit), answer, handle, name)
    return PageRedirect("/compte", _("The passkey is added: next time it opens this place by itself."))


def remove(visit: PageVisit) -> PageRedirect:
    """Remove a passkey of the account of this session."""
    account = _require_account(visit)
    if not passkey_acts.remove_passkey(visit.workspace, account, visit.read_number(visit.form.get("cle", ""))):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return PageRedirect("/compte", _("The passkey is removed: it opens nothing here any more."))


def _list_passkeys(visit: PageVisit, account: Account) -> list[PageBlock]:
    known = visit.workspace.journal.list_passkeys(account.id)
    heads = (_("name"), _("added"), _("used last"), _("where"))
    told = _("A passkey opens this place with your finger, your face or the number of your device, without password.")
    blocks: list[PageBlock] = [
        Heading(1, _("Passkeys")),
        Paragraph(told),
        DataTable(_("Your passkeys"), heads, tuple(map(_describe_passkey, known)), _("You have none yet.")),
    ]
    if known:
        choices = tuple((str(one.id), show_text(one.name)) for one in known)
        field = FormField("cle", _("Which one to remove"), kind="choice", choices=choices)
        blocks.append(PageForm("/compte/cles/retrait", _("Remove the passkey"), (field,), is_quiet=True))
    blocks.append(Heading(1, _("Add a passkey")))
    if not _is_fresh(visit):
        blocks.append(
            Paragraph(_("You signed in a while ago: leave, sign in again, and come back here within a while."))
        )
        return blocks
    hint = _("After where it lies, so that you know it again: «ordinateur du bureau».")
    field = FormField("nom_cle", _("Its name"), hint, most=LONGEST_NAME)
    without = _("Adding a passkey needs scripts, which are off in this browser. Password and code go on to work.")
    blocks.append(PasskeyForm("/compte/cles", "/compte/cles/defi", _("Add a passkey"), (field,), without))
    return blocks


def _describe_passkey(one: Passkey) -> tuple[str, ...]:
    where = _("on several devices") if one.is_copied else _("on one device")
    return show_text(one.name), tell_moment(one.made_at), tell_moment(one.used_at), where


def _turn_away(visit: PageVisit, name: str) -> WebPage:
    refuse_entry(visit, name, SignInWay.PASSKEY)
    sentence, advice = explain("usage.passkey.refused", {})
    return write_sign_in(visit, notice=PageNotice("fault", sentence, advice))


def _find_place(visit: PageVisit) -> PasskeyPlace:
    return PasskeyPlace(visit.workspace.settings.web.passkey_name, visit.origin)


def _require_passkeys(visit: PageVisit) -> None:
    require_accounts(visit)
    if not visit.workspace.settings.web.passkeys:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)


def _require_account(visit: PageVisit) -> Account:
    """Return the account of this session. Raises VisitRefusedError without one, and where there are no passkeys."""
    _require_passkeys(visit)
    account = visit.workspace.journal.get_account(visit.signed.account)
    if account is None:
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    return account


def _is_fresh(visit: PageVisit) -> bool:
    return timedelta(0) <= visit.workspace.clock.now() - visit.signed.began < FRESH


def _require_fresh(visit: PageVisit) -> None:
    if not _is_fresh(visit):
        log("sign_in_refused")
        raise VisitRefusedError(HTTPStatus.FORBIDDEN)


def _to_json(content: str) -> Response:
    return Response(content, media_type="application/json")
