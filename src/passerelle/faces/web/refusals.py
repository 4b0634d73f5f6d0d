"""What a visitor reads when a page cannot be had: our own sentences alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle.faces.web.blocks import CellLink, LinkList, PageNotice, Paragraph, WebPage
from passerelle.faces.web.plain_words import explain_plainly
from passerelle.vocabulary.errors import FatalError, TransientError, UsageError
from passerelle.vocabulary.formatting import format_count
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from passerelle.vocabulary.errors import PasserelleError


def describe_refusal(status: HTTPStatus, ahead: int = 0) -> WebPage:
    """Return the page for a request that is not answered; `ahead`: how many others were before it."""
    match status:
        case HTTPStatus.FORBIDDEN:
            title = _("This is not yours to do")
            text = _(
                "Your role does not allow it, or the form is too old. Open the page again; if it is still refused, ask "
                "the person who operates Passerelle who may do it."
            )
        case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
            title, text = _("There is nothing here"), _("The address is wrong, or what it named is gone.")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            title = _("That is too large for the workbench")
            text = _("Nothing was kept. Send less, or ask the person who operates Passerelle to do it.")
        case HTTPStatus.TOO_MANY_REQUESTS:
            title, text = _("Too many requests at once"), _("Wait a minute, then try again.")
            if ahead:
                told = translate_plural("{count} file was before yours.", "{count} files were before yours.", ahead)
                text = f"{told.format(count=format_count(ahead))} {text}"
        case HTTPStatus.INTERNAL_SERVER_ERROR:
            title = _("Something went wrong in the workbench")
            text = _("Nothing was changed unless a page says so. The log holds the place, without any value.")
        case _:
            title, text = _("The request was not understood"), _("Go back and try again; nothing was changed.")
    home = LinkList((CellLink(_("Back to today"), "/"),))
    return WebPage(title, [Paragraph(text), home], status=status.value)


def describe_error(error: PasserelleError) -> WebPage:
    """Return the page for an error of ours: its sentence and its advice."""
    sentence, advice = explain_plainly(error.code, error.words)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, UsageError):
        status = HTTPStatus.CONFLICT
    passes = isinstance(error, TransientError) or (isinstance(error, FatalError) and error.will_pass)
    blocks = [PageNotice("doubt" if passes or status is HTTPStatus.CONFLICT else "fault", sentence, advice)]
    title = _("Not done") if status is HTTPStatus.CONFLICT else _("The workbench cannot answer now")
    return WebPage(title, [*blocks, LinkList((CellLink(_("Back to today"), "/"),))], status=status.value)
