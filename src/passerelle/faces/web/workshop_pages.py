"""The workshop: from a dropped file, which contract it fills and how: a proposal to read, to take along, or to keep.

Of the file, names of columns and formats are in the answer and in the description. A draft that is kept also holds
words that came more than once in a column of codes; nothing else.
"""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING

from starlette.responses import Response

from passerelle.contracts.catalogue import catalogue
from passerelle.engine.workshop.description_drafting import begin_draft
from passerelle.extension.inferring.plugin_names import make_names
from passerelle.extension.inferring.proposing import infer
from passerelle.extension.inferring.toml_writing import write_toml
from passerelle.faces.web import description_pages
from passerelle.faces.web.blocks import (
    CellLink,
    DataTable,
    FactList,
    FormField,
    Heading,
    LinkList,
    PageForm,
    PageNotice,
    PageRedirect,
    Paragraph,
    WebPage,
)
from passerelle.faces.web.check_pages import take_place
from passerelle.faces.web.plain_words import explain_plainly, name_contract, name_field
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.formatting import NOTHING, format_count, format_share, show_name
from passerelle.vocabulary.language import _, translate_plural

if TYPE_CHECKING:
    from passerelle.extension.inferring.proposal import FieldChoice, Proposal
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit

_DRAFT_NAME = "export"
"""What a draft is called before somebody names it: the file's own name may be a person's."""


def show_workshop(visit: PageVisit) -> WebPage:
    """Return the page on which a file is dropped that nobody reads yet."""
    return _write_form(visit)


def propose(visit: PageVisit) -> WebPage | PageRedirect | Response:
    """Propose how the file that was sent is read: a page, a draft, or the description as a file, by the button."""
    contract = visit.form.get("contrat", "")
    if contract and contract not in catalogue():
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    if visit.upload is None or not visit.upload.content:
        return _write_form(visit, contract=contract, error=_("Choose a file that is not empty."))
    try:
        with take_place(visit):
            proposal = infer(BytesIO(visit.upload.content), contract=contract, name=_DRAFT_NAME)
    except ParcelError as error:
        sentence, advice = explain_plainly(error.code, error.words)
        told_blocks: list[PageBlock] = [PageNotice("fault", sentence, advice), _make_link_again()]
        return WebPage(_("The file cannot be read"), told_blocks, status=HTTPStatus.UNPROCESSABLE_ENTITY.value)
    if visit.form.get("faire") == "brouillon" and proposal.contract:
        return _keep_draft(visit, proposal)
    if visit.form.get("faire") == "description" and proposal.contract:
        text = write_toml(proposal, make_names(_DRAFT_NAME, proposal))
        told = {"Content-Type": "application/toml", "Content-Disposition": 'attachment; filename="export.toml"'}
        return Response(text.encode(), headers=told)
    return _write_proposal(proposal)


def _keep_draft(visit: PageVisit, proposal: Proposal) -> WebPage | PageRedirect:
    name = visit.form.get("nom", "").strip()
    try:
        draft = begin_draft(visit.workspace, proposal, name, who=visit.visitor.name)
    except UsageError as error:
        if error.code != "usage.plugin.unnameable":
            raise
        wrong = _("Begin with a letter; letters, digits and hyphens may follow.")
        return _write_form(visit, contract=proposal.contract, name=name, name_error=wrong)
    return PageRedirect(f"{description_pages.BASE}/{draft}", _("The proposal is kept as a draft."))


def _write_form(
    visit: PageVisit, *, contract: str = "", error: str = "", name: str = "", name_error: str = ""
) -> WebPage:
    choices = (("", _("the likeliest one")), *((name, name_contract(name)) for name in catalogue()))
    fields = (
        FormField(
            "contrat", _("What does it tell of?"), text=contract, kind="choice", choices=choices, is_required=False
        ),
        FormField("fichier", _("The file, as the software wrote it"), error=error, kind="file"),
        FormField(
            "nom",
            _("What is the software called?"),
            _("Only to keep a draft: a short name, without accents."),
            name_error,
            name,
            is_required=False,
            most=40,
        ),
    )
    form = PageForm(
        "/atelier",
        _("Propose how it is read"),
        fields,
        has_file=True,
        also=(
            ("faire", "brouillon", _("Keep as a draft")),
            ("faire", "description", _("Take the draft along")),
        ),
    )
    blocks: list[PageBlock] = [
        Paragraph(_("For an export that no connector reads yet: names of columns, dates and words are looked at.")),
        Paragraph(_("Nothing of the file is kept, and no value of it is in the answer. At most 5,000 rows are read.")),
        Paragraph(_("A draft keeps names of columns, and words of lists that came more than once: nothing else.")),
        form,
        *description_pages.list_drafts(visit),
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error or name_error else HTTPStatus.OK
    return WebPage(_("Workshop"), blocks, status=status.value)


def _write_proposal(proposal: Proposal) -> WebPage:
    blocks: list[PageBlock] = []
    if not proposal.contract:
        told = _("The file lacks what makes any contract. If you know better, choose one.")
        blocks = [PageNotice("doubt", _("No contract fits."), told), _make_link_again()]
        return WebPage(_("What the file may tell of"), blocks)
    facts: tuple[tuple[str, PageCell], ...] = (
        (_("contract"), name_contract(proposal.contract)),
        (_("columns"), len(proposal.sample.columns)),
        (_("rows looked at"), proposal.sample.rows),
        (_("to decide"), proposal.questions),
    )
    heads = (_("column"), _("field"), _("confidence"), _("why"))
    rows = tuple(row for column in proposal.sample.columns for row in _describe_column(proposal, column))
    blocks += [
        FactList(facts),
        DataTable(_("Column by column"), heads, rows),
        Heading(1, _("To decide")),
        DataTable(_("Questions to empty"), (_("about"), _("question")), _list_questions(proposal), _("Nothing.")),
        Paragraph(_("A draft holds the same questions: they are answered there, one by one.")),
        _make_link_again(),
    ]
    return WebPage(_("What the file may tell of"), blocks)


def _describe_column(proposal: Proposal, column: str) -> list[tuple[PageCell, ...]]:
    choices = [choice for choice in proposal.choices if column in proposal.list_sources(choice)]
    return [_describe_choice(proposal, column, choice) for choice in choices] or [
        (show_name(column), NOTHING, NOTHING, _("carried as it is"))
    ]


def _describe_choice(proposal: Proposal, column: str, choice: FieldChoice) -> tuple[PageCell, ...]:
    field = name_field(proposal.contract, choice.field)
    return show_name(column), field, format_share(choice.confidence), ", ".join(choice.reasons) or NOTHING


def _list_questions(proposal: Proposal) -> tuple[tuple[PageCell, ...], ...]:
    """Return what a person must decide: about fields, words that nobody could guess, and what nothing fills."""
    asked: list[tuple[PageCell, ...]] = [
        (name_field(proposal.contract, choice.field), question)
        for choice in proposal.choices
        for question in choice.questions
    ]
    for table in proposal.tables:
        if table.undecided:
            field = name_field(proposal.contract, table.file.rpartition("/")[2].removesuffix(".csv"))
            count = len(table.undecided)
            words = translate_plural(
                "Which code does {count} word stand for?", "Which codes do {count} words stand for?", count
            )
            asked.append((field, words.format(count=format_count(count))))
    missing = _("Nothing in the file fills this field, which the contract requires.")
    asked += [(name_field(proposal.contract, name), missing) for name in proposal.missing]
    unread = _("Which field does this column fill, or why is it not read?")
    return (*asked, *((show_name(column), unread) for column in proposal.carried))


def _make_link_again() -> LinkList:
    return LinkList((CellLink(_("Propose for another file"), "/atelier"),))
