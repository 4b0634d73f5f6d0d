"""Drafts of descriptions: questions answered, words given their codes, tried on a file, compared, put to work.

The description is shown as it will be read. Of a file that is tried nothing is kept, and no value is shown.
"""

from __future__ import annotations

from difflib import unified_diff
from http import HTTPStatus
from typing import TYPE_CHECKING

from passerelle import nomenclatures
from passerelle.engine.workshop import description_drafting
from passerelle.engine.workshop.description_applying import apply_description, find_place
from passerelle.engine.workshop.description_drafting import LONGEST_TEXT, count_undecided, find_draft, list_questions
from passerelle.faces.web.blocks import (
    CellChoice,
    CellEntry,
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
    TextChanges,
    WebPage,
)
from passerelle.faces.web.check_pages import describe_report, take_place
from passerelle.faces.web.local_moments import tell_moment
from passerelle.faces.web.plain_words import explain_plainly, name_field
from passerelle.faces.web.rights import Right
from passerelle.faces.web.visits import VisitRefusedError
from passerelle.vocabulary.errors import ParcelError, SettingsError, UsageError
from passerelle.vocabulary.formatting import format_count, show_name
from passerelle.vocabulary.language import _, get_current, translate_plural
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.workshop.description_applying import AppliedPlace
    from passerelle.faces.web.blocks import PageBlock, PageCell
    from passerelle.faces.web.visits import PageVisit
    from passerelle.stores.description_drafts import DescriptionContent, DescriptionDraft

BASE = "/atelier/brouillons"
MOST_WORDS = 200
"""Words of one code table that a page shows; those without a code come first."""
_MOST_CHOICES = 60
"""Codes that are offered in a list; of a longer one the code itself is written."""
_AROUND = 2


def list_drafts(visit: PageVisit) -> list[PageBlock]:
    """Return the drafts that are worked on, for the page of the workshop."""
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            CellLink(draft.content.name, f"{BASE}/{draft.id}"),
            count_undecided(draft.content),
            draft.who,
            tell_moment(draft.at),
        )
        for draft in visit.workspace.journal.list_descriptions()
    )
    heads = (_("draft"), _("to decide"), _("by"), _("changed at"))
    return [Heading(1, _("Drafts")), DataTable(_("Descriptions that are worked on"), heads, rows, _("No draft."))]


def show_draft(visit: PageVisit) -> WebPage:
    """Return one draft: what is to decide, its text, what changed, and where it may go."""
    draft, before = find_draft(visit.workspace, _read_number(visit))
    return _write_draft(visit, draft, before)


def update_draft(visit: PageVisit) -> PageRedirect:
    """Keep a version with questions answered, words coded, or another text: whichever form was sent."""
    draft, _before = find_draft(visit.workspace, _read_number(visit))
    before, who = visit.read_number(visit.form.get("version", "")), visit.visitor.name
    match visit.form.get("faire"):
        case "reponses":
            chosen = [visit.read_number(name[2:]) for name, said in visit.form.items() if name[:2] == "q-" and said]
            description_drafting.settle_questions(visit.workspace, draft, chosen, before=before, who=who)
        case "codes":
            file, words = _read_codes(visit, draft.content)
            description_drafting.decide_codes(visit.workspace, draft, file, words, before=before, who=who)
        case "texte":
            text = visit.form.get("texte", "")
            description_drafting.rewrite_text(visit.workspace, draft, text, before=before, who=who)
        case _:
            raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    return PageRedirect(f"{BASE}/{draft.id}", _("The draft is kept; the version before it, too."))


def try_draft(visit: PageVisit) -> WebPage:
    """Try a draft on a file that was sent: how much would be accepted, and why the rest would not."""
    draft, before = find_draft(visit.workspace, _read_number(visit))
    if visit.upload is None or not visit.upload.content:
        return _write_draft(visit, draft, before, file_error=_("Choose a file that is not empty."))
    trail = (*_list_trail(), CellLink(draft.content.name, f"{BASE}/{draft.id}"))
    back = LinkList((CellLink(_("Back to the draft"), f"{BASE}/{draft.id}"),))
    try:
        with take_place(visit):
            report = description_drafting.try_draft(
                visit.workspace, draft.content, visit.upload.content, visit.upload.name
            )
    except ParcelError as error:
        sentence, advice = explain_plainly(error.code, error.words)
        blocks: list[PageBlock] = [PageNotice("fault", sentence, advice), back]
        status = HTTPStatus.UNPROCESSABLE_ENTITY.value
        return WebPage(_("The file cannot be read"), blocks, trail, status=status)
    except SettingsError:
        # the page of the draft says line by line what is wrong with it
        return _write_draft(visit, draft, before)
    accepted = sum(report.accepted.values())
    words = _("{accepted} of {count} records would be accepted.")
    told = words.format(accepted=format_count(accepted), count=format_count(report.balance.received))
    return WebPage(_("The draft tried on a file"), [Paragraph(told), *describe_report(report), back], trail)


def apply_draft(visit: PageVisit) -> WebPage | PageRedirect:
    """Put a draft to work, where the page showed what would be replaced."""
    draft, before = find_draft(visit.workspace, _read_number(visit))
    if visit.read_number(visit.form.get("version", "")) != draft.version:
        raise UsageError("usage.description.overtaken")
    why = visit.form.get("raison", "").strip()
    try:
        place = apply_description(
            visit.workspace,
            draft.content,
            why=why,
            who=visit.visitor.name,
            replaced=visit.form.get("remplace", ""),
        )
    except UsageError as error:
        if error.code != "usage.reveal.unexplained":
            raise
        wrong = _("Say why in two words at least: it is recorded.")
        return _write_draft(visit, draft, before, why=why, why_error=wrong)
    except SettingsError:
        return _write_draft(visit, draft, before)
    return PageRedirect(f"{BASE}/{draft.id}", _tell_applied(place))


def remove_draft(visit: PageVisit) -> PageRedirect:
    """Remove a draft with all its versions. What was put to work stays."""
    draft, _before = find_draft(visit.workspace, _read_number(visit))
    visit.workspace.journal.remove_description(draft.id)
    return PageRedirect("/atelier", _("The draft is gone. What was put to work stays."))


def _read_number(visit: PageVisit) -> int:
    return visit.read_number(visit.places["draft"])


def _read_codes(visit: PageVisit, content: DescriptionContent) -> tuple[str, dict[str, str]]:
    """Return the table that a form is about, and what was chosen by word: a form names both by their places."""
    place = visit.read_number(visit.form.get("table", ""))
    if place >= len(content.tables):
        raise VisitRefusedError(HTTPStatus.BAD_REQUEST)
    file = list(content.tables)[place]
    entries = {f"m-{nth}": word for nth, word in enumerate(content.tables[file])}
    return file, {entries[name]: said for name, said in visit.form.items() if name in entries}


def _write_draft(
    visit: PageVisit,
    draft: DescriptionDraft,
    before: DescriptionDraft | None,
    *,
    file_error: str = "",
    why: str = "",
    why_error: str = "",
) -> WebPage:
    content = draft.content
    facts: tuple[tuple[str, PageCell], ...] = (
        (_("version"), draft.version),
        (_("by"), f"{draft.who}, {tell_moment(draft.at)}"),
        (_("to decide"), count_undecided(content)),
    )
    blocks: list[PageBlock] = [FactList(facts)]
    if wrong := file_error or why_error:
        target = "#fichier" if file_error else "#raison"
        blocks.append(PageNotice("fault", _("The form was not taken."), link=CellLink(wrong, target)))
    problems = list(_list_problems(content))
    blocks += [PageNotice("fault", sentence, advice) for sentence, advice in problems]
    blocks += _ask_questions(draft)
    for place, file in enumerate(content.tables):
        blocks += _ask_codes(draft, place, file)
    if not problems:
        blocks += _describe_trial(draft, file_error)
    blocks += _show_text(draft, before)
    if not problems:
        blocks += _describe_application(visit, draft, why, why_error)
    blocks.append(PageForm(f"{BASE}/{draft.id}/retrait", _("Remove the draft"), is_quiet=True))
    title = _("Description «{name}»").format(name=content.name)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return WebPage(title, blocks, _list_trail(), status=status.value)


def _list_problems(content: DescriptionContent) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a description, as its file would be told: who writes one reads its keys."""
    try:
        description_drafting.read_description(content)
    except SettingsError as error:
        yield from (explain(one.code, one.words) for one in (error.problems or (error,)))


def _ask_questions(draft: DescriptionDraft) -> list[PageBlock]:
    questions = list_questions(draft.content.text)
    blocks: list[PageBlock] = [Heading(1, _("Questions"))]
    if not questions:
        return [*blocks, Paragraph(_("Every question is answered."))]
    choices = (("", _("to decide")), ("oui", _("right as it is")))
    rows: tuple[tuple[PageCell, ...], ...] = tuple(
        (
            _name_subject(draft.content, one.about),
            one.question,
            CellChoice(f"q-{one.line}", _("Answer to the question of line {line}").format(line=one.line), choices),
        )
        for one in questions
    )
    table = DataTable(_("What a person must answer"), (_("about"), _("question"), _("answer")), rows)
    told = _("Where a line is not right as it is, change it in the description below, and take its question away.")
    return [*blocks, Paragraph(told), _make_form(draft, _("Keep the answers"), "reponses", table)]


def _name_subject(content: DescriptionContent, about: str) -> str:
    """Return what a question is about: the field in words, or the key of the description as it stands there."""
    contract = next((line.partition('"')[2][:-1] for line in content.text.splitlines() if line[:8] == "contract"), "")
    named = name_field(contract, about)
    return named if named != about.replace("_", " ") else _("«{key}» in the description").format(key=about)


def _ask_codes(draft: DescriptionDraft, place: int, file: str) -> list[PageBlock]:
    content = draft.content
    words, name = content.tables[file], content.codes.get(file, "")
    choices = _list_choices(name)
    label = _("Code of «{word}»")
    rows: list[tuple[PageCell, ...]] = []
    for nth, (word, code) in sorted(enumerate(words.items()), key=lambda one: bool(one[1][1]))[:MOST_WORDS]:
        says = label.format(word=show_name(word))
        entry = CellChoice(f"m-{nth}", says, choices, code) if choices else CellEntry(f"m-{nth}", says, code)
        rows.append((show_name(word), entry))
    column = name_field("", file.rpartition("/")[2].removesuffix(".csv"))
    title = _("Words of «{field}»").format(field=column)
    undecided = sum(not code for code in words.values())
    told = translate_plural("{count} word has no code yet.", "{count} words have no code yet.", undecided)
    listed = _name_list(name)
    caption = _("Which code does each word of the file stand for?")
    table = DataTable(caption, (_("word"), _("code")), tuple(rows), _("No word came twice."))
    said = told.format(count=format_count(undecided)) if undecided else _("Every word has its code.")
    blocks: list[PageBlock] = [Heading(1, title), Paragraph(said)]
    if listed:
        blocks.append(Paragraph(_("Code list: {name}.").format(name=listed), is_note=True))
    return [*blocks, _make_form(draft, _("Keep these codes"), "codes", table, (("table", str(place)),))]


def _list_choices(name: str) -> tuple[tuple[str, str], ...]:
    """Return the codes of a list as they are offered; nothing for a list that is too long to choose from."""
    if not name or len(nomenclatures.get(name)) > _MOST_CHOICES:
        return ()
    codes, language = nomenclatures.get(name), get_current()
    return (("", _("to decide")), *((code, codes.get_label(code, language)) for code in codes.codes))


def _name_list(name: str) -> str:
    if not name:
        return ""
    listed = nomenclatures.get(name)
    return listed.fr if get_current() == "fr" else listed.en


def _make_form(
    draft: DescriptionDraft,
    submit: str,
    act: str,
    table: DataTable | None = None,
    hidden: tuple[tuple[str, str], ...] = (),
    fields: tuple[FormField, ...] = (),
) -> PageForm:
    return PageForm(
        f"{BASE}/{draft.id}",
        submit,
        fields,
        table=table,
        hidden=(("version", str(draft.version)), ("faire", act), *hidden),
    )


def _describe_trial(draft: DescriptionDraft, error: str) -> list[PageBlock]:
    field = FormField("fichier", _("A file to try it on"), error=error, kind="file")
    return [
        Heading(1, _("Try it on a file")),
        Paragraph(_("The file takes the path of a real run, but nothing is delivered and nothing of it is kept.")),
        PageForm(f"{BASE}/{draft.id}/essai", _("Try the draft"), (field,), has_file=True),
    ]


def _show_text(draft: DescriptionDraft, before: DescriptionDraft | None) -> list[PageBlock]:
    hint = _("What stands here is what counts. Whatever you keep is compared with the version before.")
    label, text = _("The description as it is read"), draft.content.text
    field = FormField("texte", label, hint, text=text, kind="lines", most=LONGEST_TEXT)
    blocks: list[PageBlock] = [
        Heading(1, _("The description")),
        _make_form(draft, _("Keep this text"), "texte", fields=(field,)),
    ]
    if before is not None:
        caption = _("What changed since version {version}").format(version=before.version)
        lines = _compare(_write_whole(before.content), _write_whole(draft.content))
        blocks.append(TextChanges(caption, lines, _("Nothing changed since the version before.")))
    return blocks


def _write_whole(content: DescriptionContent) -> list[str]:
    """Return a draft as lines: its text, then each word with its code."""
    lines = content.text.splitlines()
    for file, words in content.tables.items():
        lines += ["", f"# {file}", *(f"{show_name(word)};{code}" for word, code in words.items())]
    return lines


def _compare(old: list[str], new: list[str]) -> tuple[str, ...]:
    """Return the lines that changed, with some around them."""
    found = (line for line in unified_diff(old, new, lineterm="", n=_AROUND) if line[:3] not in ("---", "+++"))
    return tuple("…" if line.startswith("@@") else line for line in found)


def _describe_application(visit: PageVisit, draft: DescriptionDraft, why: str, error: str) -> list[PageBlock]:
    """Return how the description is put to work, and by whom; nothing is offered while something is undecided."""
    blocks: list[PageBlock] = [Heading(1, _("Put it to work"))]
    if count := count_undecided(draft.content):
        words = translate_plural("{count} point is left to decide.", "{count} points are left to decide.", count)
        return [*blocks, Paragraph(words.format(count=format_count(count)))]
    place = find_place(visit.workspace.settings, draft.content)
    if not visit.visitor.may(Right.APPLY):
        return [*blocks, Paragraph(_("An administrator of the workbench puts it to work: tell them that it is ready."))]
    if place.digest:
        title = _("A description of this name is there already.")
        told = _("It would be replaced, and kept beside under another name. This is what would change.")
        blocks.append(PageNotice("doubt", title, told))
        lines = _compare(place.present.splitlines(), draft.content.text.splitlines())
        same = _("The text is the same; words of its code tables differ.")
        blocks.append(TextChanges(_("What would change"), lines, same))
    hint = _("For instance: the export of November was read whole.")
    field = FormField("raison", _("Why is it put to work?"), hint, error, why)
    hidden = (("version", str(draft.version)), ("remplace", place.digest))
    blocks.append(PageForm(f"{BASE}/{draft.id}/application", _("Put it to work"), (field,), hidden=hidden))
    return blocks


def _tell_applied(place: AppliedPlace) -> str:
    """Return what becomes of a description that was written."""
    if place.is_read:
        return _("The description is in place: it counts from the next start of Passerelle on.")
    words = _("The description is in the folder «{folder}»: the person who operates Passerelle has yet to name it.")
    return words.format(folder=place.path.parent.name)


def _list_trail() -> tuple[CellLink, ...]:
    return (CellLink(_("Workshop"), "/atelier"),)
