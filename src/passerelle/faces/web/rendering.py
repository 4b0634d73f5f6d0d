"""Writes pages as HTML by the one template, and holds the files that pages load."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.documents.templates import get_template
from passerelle.faces.web.blocks import CellLink
from passerelle.faces.web.rights import Right
from passerelle.vocabulary.language import N_, _, get_current

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.faces.web.blocks import PageBlock, PagePart, WebPage
    from passerelle.faces.web.sessions import Session

_MENU = (
    ("/", N_("Today"), Right.SEE),
    ("/flux", N_("Flows"), Right.SEE),
    ("/quarantaine", N_("Quarantine"), Right.SEE),
    ("/corrections", N_("Corrections"), Right.CORRECT),
    ("/controler", N_("Check a file"), Right.SEE),
    ("/atelier", N_("Workshop"), Right.DESCRIBE),
    ("/passages", N_("Runs"), Right.SEE),
    ("/personnes", N_("Persons"), Right.PERSONS),
    ("/contrats", N_("Contracts"), Right.SEE),
    ("/editeurs", N_("Suppliers"), Right.SEE),
    ("/consultations", N_("Tenders"), Right.SEE),
    ("/bascules", N_("Changes of software"), Right.SEE),
    ("/registre", N_("Register"), Right.SEE),
    ("/audit", N_("Audit trail"), Right.OWN_ACTS),
    ("/etat", N_("Health"), Right.SEE),
)
_WHOLE = frozenset({"/registre", "/bascules", "/consultations"})
"""Pages about all flows together: whoever may see some of them only is not sent there to be refused."""
_FILES: Mapping[str, str] = MappingProxyType(
    {
        "bench.js": "text/javascript; charset=utf-8",
        "house.css": "text/css; charset=utf-8",
        "passkey.js": "text/javascript; charset=utf-8",
        "sign.svg": "image/svg+xml",
    }
)


@cache
def read_static() -> Mapping[str, tuple[bytes, str]]:
    """Return the files that pages load, with their types, by a name that changes with their content."""
    folder = files("passerelle") / "faces" / "web" / "static"
    found = {}
    for name, kind in _FILES.items():
        content = (folder / name).read_bytes()
        stem, _dot, ending = name.partition(".")
        found[f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"] = content, kind
    return MappingProxyType(found)


def _name_static(plain: str) -> str:
    stem, _dot, ending = plain.partition(".")
    return next(f"/static/{name}" for name in read_static() if name.startswith(f"{stem}-") and name.endswith(ending))


def write_web_page(page: WebPage, session: Session | None, path: str = "") -> bytes:
    """Return a page as HTML, with the menu of what its visitor may see. Everything is escaped."""
    blocks = _name_kinds(page.blocks)
    message = ""
    if session is not None:
        message, session.message = session.message, ""
    return (
        get_template("faces/web/page.html.jinja")
        .render(
            page=page,
            blocks=blocks,
            menu=_list_menu(session, path),
            visitor=session.visitor.name if session else "",
            has_account=bool(session and session.account),
            form_key=session.form_key if session else "",
            message=message,
            sheet=_name_static("house.css"),
            script=_name_static(page.script or "bench.js") if page.script or page.has_script else "",
            name_kinds=_name_kinds,
            icon=_name_static("sign.svg"),
            words=_list_words(),
        )
        .encode()
    )


def write_page_part(part: PagePart, session: Session | None) -> bytes:
    """Return a part of a page as HTML. Everything is escaped."""
    template = get_template("faces/web/part.html.jinja")
    form_key = session.form_key if session else ""
    rendered = template.render(
        blocks=_name_kinds(part.blocks), words=_list_words(), form_key=form_key, name_kinds=_name_kinds
    )
    return rendered.encode()


def _name_kinds(blocks: Sequence[PageBlock]) -> list[tuple[str, PageBlock]]:
    """Return blocks with the names of their classes, by which the template chooses: Jinja has no `isinstance`."""
    return [(type(block).__name__, block) for block in blocks]


def write_single_page(page: WebPage, foot: str) -> str:
    """Return a page that stands alone, as HTML: no menu, no script, its style inside. Everything is escaped."""
    template = get_template("faces/web/single_page.html.jinja")
    blocks = _name_kinds(page.blocks)
    return template.render(page=page, blocks=blocks, foot=foot, words=_list_words(), name_kinds=_name_kinds)


def _list_menu(session: Session | None, path: str) -> list[tuple[CellLink, bool]]:
    """Return the entries of the menu, and which of them the page belongs to."""
    if session is None:
        return []
    return [
        (CellLink(_(text), href), path == href or (href != "/" and path.startswith(f"{href}/")))
        for href, text, right in _MENU
        if session.visitor.may(right) and (href not in _WHOLE or session.visitor.flows is None)
    ]


def _list_words() -> dict[str, str]:
    """Return the words of the page's frame in the language in use."""
    return {
        "language": get_current(),
        "skip": _("Go to the content"),
        "menu": _("Main menu"),
        "more": _("More"),
        "trail": _("You are in"),
        "leave": _("Leave"),
        "delivered": _("delivered"),
        "known": _("known already"),
        "aside": _("set aside"),
        "picture": _("Picture:"),
        "accessibility": _("Accessibility: not established"),
        "foot": _("Pages show no value of a record without a reason that is kept in the audit trail."),
    }
