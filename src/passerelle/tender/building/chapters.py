"""The content of the document, chapter by chapter, in the language of the tender."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.documents.blocks import (
    AnswerBlock,
    Block,
    Bullets,
    Heading,
    Law,
    Paragraph,
    PrintableDocument,
    TableBlock,
    TableCell,
)
from passerelle.tender import bilingual_texts, price_sheet, questions
from passerelle.tender.building.annexes import iter_annexes
from passerelle.tender.consultation import compute_digest, to_content
from passerelle.tender.order import TenderCalendar
from passerelle.tender.requirement import Level
from passerelle.tender.trades import get_trade
from passerelle.vocabulary.formatting import format_count, format_day, format_labelled, format_share, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.tender.consultation import Consultation
    from passerelle.tender.federation import MemberTender
    from passerelle.tender.order import TenderOrder
    from passerelle.tender.questions import TenderChapter
    from passerelle.tender.requirement import Requirement

ALWAYS = ("ccp-need", "ccp-criteria", "ccp-irregular", "ccag-tic-28", "rgpd-30")
"""Legal references of the document as a whole."""


def lay_out_document(
    consultation: Consultation, order: TenderOrder, members: Sequence[MemberTender] = ()
) -> PrintableDocument:
    """Return the whole document."""
    writer = _Writer(consultation, order, consultation.language, tuple(members))
    blocks = tuple(writer.iter_blocks())
    word_of = writer.get_word
    facts = (
        (word_of("buyer"), consultation.buyer),
        (word_of("reference"), consultation.id),
        (word_of("date"), format_day(consultation.date, writer.language)),
        (word_of("trade"), get_trade(consultation.trade).title.of(writer.language)),
        *(((word_of("contact"), order.tender.contact),) if order.tender.contact else ()),
    )
    return PrintableDocument(
        language=writer.language,
        kind=word_of("kind"),
        title=consultation.title,
        buyer=consultation.buyer,
        reference=consultation.id,
        facts=facts,
        blocks=blocks,
        # `repr` names the classes of `documents.blocks`: renaming one changes the digest of every document.
        digest=compute_digest([to_content(consultation), facts, [repr(block) for block in blocks]]),
        words={name: word_of(name) for name in ("contents", "page", "digest", "digest_says", "annex", "rules_digest")},
    )


def count_gaps(document: PrintableDocument, words: str) -> int:
    """Count the places of a document that somebody has still to complete; `words` mark them."""
    answers = sum(isinstance(block, AnswerBlock) and not block.text for block in document.blocks)
    cells = (cell for block in document.blocks if isinstance(block, TableBlock) for row in block.rows for cell in row)
    return answers + sum(cell == words for cell in cells)


@dataclass(frozen=True, slots=True)
class _Writer:
    tender: Consultation
    order: TenderOrder
    language: str
    members: tuple[MemberTender, ...] = ()

    def get_word(self, name: str, **facts: str) -> str:
        return bilingual_texts.get_word("document", "words", name, self.language, **facts)

    def list_lines(self, name: str, **facts: str) -> list[str]:
        lines = [typeset(line) for line in bilingual_texts.load_texts("document")[name][self.language]]
        return [line.format(**facts) for line in lines] if facts else lines

    def iter_blocks(self) -> Iterator[Block]:
        special: dict[str, Callable[[], Iterator[Block]]] = {
            "context": self.write_context,
            "questions": self.write_questions,
            "data": self.write_data,
            "flows": self.write_systems,
            "pricing": self.write_prices,
            "calendar": self.write_calendar,
            "answering": self.write_answering,
            "administrative": lambda: iter((Bullets(tuple(self.list_lines("administrative"))),)),
            "laws": self.write_laws,
        }
        for chapter in questions.list_chapters():
            # What only some trades need is no chapter of the others.
            if chapter.is_optional and not any(one.chapter == chapter.key for one in self.tender.requirements):
                continue
            yield Heading(1, chapter.title.of(self.language))
            yield Paragraph(chapter.text.of(self.language))
            if chapter.key in special:
                yield from special[chapter.key]()
            if chapter.prefix:
                yield from self.write_requirements(chapter)
            if chapter.key == "acceptance":
                yield from self.write_scoring()
        if self.members:
            yield from self.write_members()
        yield from self.write_measured()
        yield from iter_annexes(self.tender, self.order, self.get_word)

    def write_requirements(self, chapter: TenderChapter) -> Iterator[Block]:
        listed = [one for one in self.tender.requirements if one.chapter == chapter.key]
        if not listed:
            yield Paragraph(self.get_word("nothing_needed"))
            return
        yield self.write_table(self.get_word("requirements_of", title=chapter.title.of(self.language)), listed)
        cited = dict.fromkeys(law for one in listed for law in one.laws)
        for key in cited:
            law = questions.get_laws()[key]
            yield Law(law.title.of(self.language), "", law.source.of(self.language), law.warning.of(self.language))

    def write_table(self, caption: str, listed: Sequence[Requirement]) -> TableBlock:
        heads = tuple(self.get_word(name) for name in ("number", "level", "requirement", "evidence"))
        rows = tuple(
            (
                one.id,
                f"{one.level} {self.get_word(one.level)}",
                TableCell(one.title.of(self.language), one.statement.of(self.language)),
                one.evidence.of(self.language),
            )
            for one in listed
        )
        return TableBlock(caption=caption, heads=heads, rows=rows, widths=(0.17, 0.15, 0.45, 0.23))

    def write_context(self) -> Iterator[Block]:
        if self.order.tender.context:
            yield Paragraph(self.order.tender.context)
        labels = bilingual_texts.load_texts("document")["volumes"]
        rows = tuple(
            (
                labels[one.what][self.language] if one.what in labels else one.what,
                # A figure that nobody gave is no fact: what is proposed for a trade is not the buyer's.
                format_count(one.count, self.language) if one.count else self.get_word("to_complete"),
            )
            for one in self.tender.volumes
        )
        if rows:
            counted = (self.get_word("volume"), self.get_word("how_many"))
            yield TableBlock(caption=self.get_word("volumes"), heads=counted, rows=rows, widths=(0.65, 0.35))
        purposes = ", ".join(get_label(one, self.language) for one in self.tender.purposes)
        yield Paragraph(self.get_word("purposes_say", purposes=purposes))
        heads = tuple(self.get_word(name) for name in ("level", "meaning", "weight"))
        levels = tuple(
            (f"{level} {self.get_word(level)}", self.get_word(f"{level}_says"), str(self.tender.weights[level]))
            for level in Level
        )
        yield TableBlock(caption=self.get_word("levels"), heads=heads, rows=levels, widths=(0.25, 0.6, 0.15))
        yield Paragraph(self.get_word("numbers_say", example=self.tender.requirements[0].id))

    def write_questions(self) -> Iterator[Block]:
        for question in questions.list_questions():
            yield Heading(2, question.title.of(self.language))
            yield Paragraph(question.help.of(self.language))
            answer = self.order.answers.get(question.key, "").strip()
            yield AnswerBlock(self.get_word("answer"), answer, self.get_word("to_complete"))

    def write_data(self) -> Iterator[Block]:
        heads = tuple(self.get_word(name) for name in ("contract", "record", "version", "digest"))
        rows = tuple(
            (one.id, bilingual_texts.get_record_title(one.id).of(self.language), one.version, one.digest[:16])
            for one in self.tender.contracts
        )
        yield TableBlock(caption=self.get_word("contracts"), heads=heads, rows=rows, widths=(0.25, 0.4, 0.12, 0.23))
        for pinned in self.tender.contracts:
            about = get(pinned.id).about
            title = bilingual_texts.get_record_title(pinned.id).of(self.language)
            yield Heading(2, f"{title} ({pinned.id})")
            yield Paragraph(about.fr if self.language == "fr" else about.en)
            yield Paragraph(self.sum_up(self.tender.list_requirements_of(pinned.id)))

    def sum_up(self, listed: Sequence[Requirement]) -> str:
        """Return how many requirements there are, by level: their statements stand in an annex."""
        if not listed:
            return self.get_word("nothing_needed")
        counts = Counter(one.level for one in listed)
        levels = ", ".join(f"{level} {counts[level]}" for level in Level if counts[level])
        return self.get_word(
            "measured_say", count=str(len(listed)), first=listed[0].id, last=listed[-1].id, levels=levels
        )

    def write_members(self) -> Iterator[Block]:
        """Yield the annex of a federation's members: what each asks for besides the core."""
        yield Heading(1, self.get_word("annex_members"), annex=True)
        yield Paragraph(self.get_word("annex_members_say"))
        labels = bilingual_texts.load_texts("document")["volumes"]
        named = tuple(labels[one.what][self.language] for one in self.tender.volumes)
        heads = (self.get_word("member"), *named)
        rows = []
        for member in self.members:
            counts = {one.what: one.count for one in member.consultation.volumes}
            shown = (counts.get(one.what, 0) for one in self.tender.volumes)
            figures = (format_count(count, self.language) if count else self.get_word("to_complete") for count in shown)
            rows.append((member.consultation.buyer, *figures))
        if named:
            widths = (0.3, *(0.7 / len(named) for _name in named))
            yield TableBlock(
                caption=self.get_word("volumes"), heads=heads, rows=tuple(rows), widths=widths, is_wide=True
            )
        for member in self.members:
            yield Heading(2, member.consultation.buyer)
            listed = (*member.added, *(one for _before, one in member.raised))
            if not listed:
                yield Paragraph(self.get_word("member_same"))
                continue
            caption = self.get_word("member_differs", member=member.consultation.buyer)
            yield replace(self.write_table(caption, listed), is_wide=True)

    def write_measured(self) -> Iterator[Block]:
        """Yield the annex of what is measured on a sample: read by whoever prepares it, folded for everybody else."""
        yield Heading(1, self.get_word("annex_measured"), annex=True)
        yield Paragraph(self.get_word("annex_measured_say"))
        for pinned in self.tender.contracts:
            title = bilingual_texts.get_record_title(pinned.id).of(self.language)
            listed = self.tender.list_requirements_of(pinned.id)
            if listed:
                table = self.write_table(self.get_word("requirements_of", title=title), listed)
                yield replace(table, is_wide=True, is_folded=True, widths=(0.12, 0.1, 0.56, 0.22))

    def write_systems(self) -> Iterator[Block]:
        if not self.tender.systems:
            yield Paragraph(self.get_word("no_system"))
            return
        heads = tuple(
            self.get_word(name) for name in ("system", "direction", "contracts", "purpose", "means", "rhythm")
        )
        rows = tuple(
            (
                one.name,
                self.get_word(one.direction),
                ", ".join(bilingual_texts.get_record_title(contract).of(self.language) for contract in one.contracts),
                get_label(one.purpose, self.language),
                self.get_word(one.means),
                one.rhythm or self.get_word("to_complete"),
            )
            for one in self.tender.systems
        )
        yield TableBlock(
            caption=self.get_word("systems"), heads=heads, rows=rows, widths=(0.2, 0.16, 0.2, 0.14, 0.15, 0.15)
        )

    def write_calendar(self) -> Iterator[Block]:
        days = self.order.calendar.model_dump()
        rows = tuple(
            (self.get_word(name), format_day(days[name], self.language) or self.get_word("to_complete"))
            for name in TenderCalendar.model_fields
        )
        heads = (self.get_word("step"), self.get_word("when"))
        yield TableBlock(caption=self.get_word("calendar"), heads=heads, rows=rows, widths=(0.6, 0.4))

    def write_prices(self) -> Iterator[Block]:
        """Yield the lines that every offer prices, as they stand in the grid."""
        words = partial(price_sheet.get_word, tender=self.tender)
        rows = tuple(
            (one.code, words(one.kind), TableCell(one.line, one.says)) for one in price_sheet.list_lines(self.tender)
        )
        heads = tuple(words(name) for name in ("code", "kind", "line"))
        yield TableBlock(caption=words("caption"), heads=heads, rows=rows, widths=(0.12, 0.28, 0.6))
        years = str(self.tender.price_years) if self.tender.price_years else words("to_complete")
        yield Paragraph(f"{words('how')} {words('scope')}")
        yield Paragraph(format_labelled(words("years"), years, self.language))

    def write_scoring(self) -> Iterator[Block]:
        yield Heading(2, self.get_word("scoring_title"))
        shares = self.order.thresholds.model_dump()
        facts = {name: format_share(value, self.language) for name, value in shares.items()}
        facts |= {level: str(count) for level, count in self.tender.weights.items()}
        for line in self.list_lines("scoring", **facts):
            yield Paragraph(line)
        digest_line = format_labelled(self.get_word("rules_digest"), self.tender.rules_digest, self.language)
        yield Paragraph(digest_line, is_note=True)

    def write_answering(self) -> Iterator[Block]:
        codes = bilingual_texts.load_texts("document")["codes"]
        heads = (bilingual_texts.get_word("document", "grid", "answer", self.language), self.get_word("meaning"))
        rows = tuple((code, bilingual_texts.get_word("document", "codes", code, self.language)) for code in codes)
        yield TableBlock(caption=heads[0], heads=heads, rows=rows, widths=(0.2, 0.8))
        yield Bullets(tuple(self.list_lines("answering")))

    def write_laws(self) -> Iterator[Block]:
        cited = dict.fromkeys((*ALWAYS, *(law for one in self.tender.requirements for law in one.laws)))
        for key, law in questions.get_laws().items():
            if key in cited:
                yield Law(*(part.of(self.language) for part in (law.title, law.says, law.source, law.warning)))
