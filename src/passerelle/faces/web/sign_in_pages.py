"""The door: a link that opens once, written where the workbench was started; or an account, where settings say so."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.engine.accounts import account_acts
from passerelle.engine.accounts.second_factor import make_address
from passerelle.engine.accounts.sign_in_trail import SignInWay, record_refusal, record_sign_in
from passerelle.engine.log import log
from passerelle.faces.web.blocks import (
    CellLink,
    FactList,
    FormField,
    Heading,
    LinkList,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    PasskeyForm,
    WebPage,
)
from passerelle.faces.web.rights import Role, Visitor
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import show_text
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from passerelle.engine.accounts.account_acts import Enrolment
    from passerelle.faces.web.blocks import PageBlock
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.accounts import Account


def make_visitor(account: Account) -> Visitor:
    """Return the visitor that the owner of an account is. A role that this version does not know gives no right."""
    known = {role.value for role in Role}
    roles = frozenset(Role(role) for role in account.roles if role in known)
    return Visitor(account.name, roles, frozenset(account.flows) or None)


def show_door(visit: PageVisit) -> WebPage | PageRedirect:
    """Return the page that a link opens. Asking for it uses nothing up: programs that look ahead ask for links too."""
    token = visit.query.get("lien", "")
    if visit.session is not None and not token:
        return PageRedirect("/")
    if _has_accounts(visit):
        return write_sign_in(visit)
    if not token:
        return _describe_closed_door()
    form = PageForm("/entrer", _("Enter"), hidden=(("lien", token),))
    return WebPage(_("Welcome to the workbench"), [Paragraph(_("This link opens once, on this machine.")), form])


def sign_in(visit: PageVisit) -> WebPage | Response:
    """Open a session with a link, or with an account."""
    if _has_accounts(visit):
        return _sign_in_account(visit)
    token = ""
    if visit.doorkeeper.may_try():
        token = visit.doorkeeper.open_session(visit.form.get("lien", ""))
    if not token:
        # the same words and the same work for a link that was used, is too old, or never was
        refuse_entry(visit, "", SignInWay.LINK)
        return _describe_closed_door(is_refused=True)
    session = visit.doorkeeper.find_session(token)
    record_sign_in(visit.workspace, session.visitor.name if session else "", SignInWay.LINK)
    return open_door(visit, token)


def ask_link(visit: PageVisit) -> PageRedirect:
    """Have a new link written where the workbench was started; whoever reads it there may enter."""
    if _has_accounts(visit):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)
    if not visit.doorkeeper.may_try():
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    visit.announce()
    return PageRedirect("/entrer")


def show_invitation(visit: PageVisit) -> WebPage:
    """Return the page on which somebody who was invited chooses a password."""
    require_accounts(visit)
    return _write_invitation(visit)


def take_invitation(visit: PageVisit) -> WebPage:
    """Take an invitation up: the next page gives the key of the codes to a telephone."""
    require_accounts(visit)
    name, code, secret = (visit.form.get(field, "") for field in ("nom", "invitation", "secret"))
    if not visit.doorkeeper.may_sign_in(name, visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    try:
        enrolment = account_acts.begin_enrolment(visit.workspace, name, code, secret)
    except UsageError as error:
        sentence, advice = explain(error.code, error.words)
        return _write_invitation(visit, name=name, secret_error=f"{sentence} {advice}")
    if enrolment is None:
        refuse_entry(visit, name, SignInWay.INVITATION)
        return _write_invitation(visit, name=name, is_refused=True)
    return _write_enrolment(visit.doorkeeper.keep_enrolment(enrolment), enrolment)


def confirm_code(visit: PageVisit) -> WebPage | Response:
    """Open the account with the first code that the telephone shows."""
    require_accounts(visit)
    token = visit.form.get("jeton", "")
    enrolment = visit.doorkeeper.find_enrolment(token)
    if enrolment is None:
        return _write_invitation(visit, is_refused=True)
    if not visit.doorkeeper.may_sign_in(enrolment.name, visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    account = account_acts.end_enrolment(visit.workspace, enrolment, visit.form.get("code", ""))
    if account is None:
        return _write_enrolment(token, enrolment, error=_("This is not the code that the telephone shows now."))
    return open_account_door(visit, account, SignInWay.INVITATION)


def sign_out(visit: PageVisit) -> Response:
    """End the session, with its grants; who came through a provider reads that they are still known there."""
    account = visit.signed.account
    has_provider = visit.workspace.settings.web.oidc is not None and visit.workspace.journal.has_identity(account)
    visit.doorkeeper.end_session(visit.token)
    href = "/entrer/sortie" if has_provider else "/entrer"
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": href})
    keeper = visit.doorkeeper
    answer.delete_cookie(keeper.cookie, path="/", httponly=True, samesite="strict", secure=keeper.is_secure)
    return answer


def _has_accounts(visit: PageVisit) -> bool:
    return visit.workspace.settings.web.sign_in == "accounts"


def require_accounts(visit: PageVisit) -> None:
    """Raise VisitRefusedError where people enter with a link."""
    if not _has_accounts(visit):
        raise VisitRefusedError(HTTPStatus.NOT_FOUND)


def _sign_in_account(visit: PageVisit) -> WebPage | Response:
    name, secret, code = (visit.form.get(field, "") for field in ("nom", "secret", "code"))
    if not visit.doorkeeper.may_sign_in(name, visit.address):
        raise VisitRefusedError(HTTPStatus.TOO_MANY_REQUESTS)
    account = account_acts.prove_owner(visit.workspace, name, secret, code)
    if account is None:
        refuse_entry(visit, name, SignInWay.PASSWORD)
        return write_sign_in(visit, name=name, is_refused=True)
    return open_account_door(visit, account, SignInWay.PASSWORD)


def refuse_entry(visit: PageVisit, name: str, way: SignInWay, code: str = "") -> None:
    """Write that somebody was turned away, unless many were a moment ago: then the log alone says it."""
    if visit.doorkeeper.may_record():
        record_refusal(visit.workspace, name, way, code)
    else:
        log("sign_in_refused")


def open_account_door(visit: PageVisit, account: Account, way: SignInWay, *, href: str = "/") -> Response:
    """Open a session for the owner of an account, and write that they came in."""
    record_sign_in(visit.workspace, account.name, way)
    return open_door(visit, visit.doorkeeper.open_account(make_visitor(account), account.id), href=href)


def open_door(visit: PageVisit, token: str, *, href: str = "/") -> Response:
    """Hand the browser the token of its new session; one that it had ends, whoever put it there."""
    if visit.token:
        visit.doorkeeper.end_session(visit.token)
    answer = Response(status_code=HTTPStatus.SEE_OTHER, headers={"Location": href})
    keeper = visit.doorkeeper
    # `Secure` where TLS is spoken; the door of this machine is for 127.0.0.1, where nothing speaks it
    answer.set_cookie(keeper.cookie, token, path="/", httponly=True, samesite="strict", secure=keeper.is_secure)
    return answer


def write_sign_in(
    visit: PageVisit, *, name: str = "", is_refused: bool = False, notice: PageNotice | None = None
) -> WebPage:
    """Return the door of accounts, with every way in that the settings have."""
    web = visit.workspace.settings.web
    blocks: list[PageBlock] = [notice] if notice is not None else []
    if is_refused:
        told = _("Name, password and code do not fit together, or the code was used already.")
        blocks.append(PageNotice("fault", _("You are not signed in."), told))
    if web.oidc is not None:
        words = _("Sign in through {provider}").format(provider=show_text(web.oidc.title))
        blocks.append(LinkList((CellLink(words, "/entrer/fournisseur"),)))
    if web.passkeys:
        without = _("Passkeys need scripts, which are off in this browser: sign in with password and code.")
        blocks.append(PasskeyForm("/entrer/cle", "/entrer/cle/defi", _("Sign in with a passkey"), without=without))
    if web.oidc is not None or web.passkeys:
        blocks.append(Heading(1, _("With password and code")))
    fields = (
        FormField("nom", _("Your name"), text=name, most=80, autocomplete="username"),
        FormField("secret", _("Your password"), kind="password", most=200, autocomplete="current-password"),
        FormField("code", _("The code that your telephone shows"), kind="number", most=7, autocomplete="one-time-code"),
    )
    blocks.append(PageForm("/entrer", _("Sign in"), fields))
    blocks.append(LinkList((CellLink(_("I was invited and come for the first time"), "/entrer/invitation"),)))
    status = HTTPStatus.FORBIDDEN if is_refused or notice is not None else HTTPStatus.OK
    return WebPage(_("Sign in"), blocks, status=status.value, script="passkey.js" if web.passkeys else "")


def _write_invitation(visit: PageVisit, *, name: str = "", is_refused: bool = False, secret_error: str = "") -> WebPage:
    oidc = visit.workspace.settings.web.oidc
    provider = oidc.title if oidc is not None else ""
    blocks: list[PageBlock] = []
    if is_refused:
        told = _("Ask the person who operates Passerelle for a new one: an invitation serves once, for seven days.")
        blocks.append(PageNotice("fault", _("This invitation does not open any more."), told))
    hint = _("At least twelve characters: four words that do not belong together, for instance.")
    fields = (
        FormField("nom", _("Your name"), text=name, most=80, autocomplete="username"),
        FormField("invitation", _("The code of your invitation"), most=40),
        FormField(
            "secret",
            _("The password that you choose"),
            hint,
            secret_error,
            kind="password",
            most=200,
            autocomplete="new-password",
        ),
    )
    blocks.append(PageForm("/entrer/invitation", _("Go on"), fields))
    status = HTTPStatus.FORBIDDEN if is_refused else HTTPStatus.UNPROCESSABLE_ENTITY if secret_error else HTTPStatus.OK
    if provider:
        words = _("Take the invitation up through {provider}").format(provider=show_text(provider))
        blocks.append(LinkList((CellLink(words, "/entrer/invitation/fournisseur"),)))
    return WebPage(_("The first time"), blocks, (CellLink(_("Sign in"), "/entrer"),), status=status.value)


def _write_enrolment(token: str, enrolment: Enrolment, *, error: str = "") -> WebPage:
    key = " ".join(enrolment.code_key[start : start + 4] for start in range(0, len(enrolment.code_key), 4))
    field = FormField(
        "code", _("The code that it shows"), error=error, kind="number", most=7, autocomplete="one-time-code"
    )
    blocks: list[PageBlock] = [
        Paragraph(_("Open an application for codes on your telephone, add an account, and type this key.")),
        FactList(((_("key"), key),)),
        LinkList(
            (CellLink(_("Open the application on this device"), make_address(enrolment.code_key, enrolment.name)),)
        ),
        Heading(1, _("Then")),
        PageForm("/entrer/code", _("Sign in"), (field,), hidden=(("jeton", token),)),
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return WebPage(_("Your telephone"), blocks, status=status.value)


def _describe_closed_door(*, is_refused: bool = False) -> WebPage:
    blocks: list[PageBlock] = []
    if is_refused:
        blocks.append(PageNotice("fault", _("This link does not open any more."), _("A link opens once, and soon.")))
    blocks.append(Paragraph(_("You enter with a link that is written where the workbench was started.")))
    blocks.append(PageForm("/entrer/lien", _("Have a new link written there"), is_quiet=True))
    status = HTTPStatus.FORBIDDEN if is_refused else HTTPStatus.OK
    return WebPage(_("Nobody is signed in"), blocks, status=status.value)
