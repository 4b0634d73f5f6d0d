"""The content of the document, chapter by chapter, in the language of the tender."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.contracts.publishing.published_texts import get_label
from passerelle.documents.blocks import Answer, Block, Bullets, Cell, Heading, Law, Paragraph, PrintableDocument, Table
from passerelle.tender import asking, bilingual_texts
from passerelle.tender.building.annexes import iter_annexes
from passerelle.tender.consultation import compute_digest, to_content
from passerelle.tender.order import TenderCalendar
from passerelle.tender.requirement import Level
from passerelle.tender.trades import trade
from passerelle.vocabulary.formatting import format_count, format_day, format_labelled, format_share, typeset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from passerelle.tender.asking import TenderChapter
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.order import TenderOrder
    from passerelle.tender.requirement import Requirement

ALWAYS = ("ccp-need", "ccp-criteria", "ccp-irregular", "ccag-tic-28", "rgpd-30")
"""Legal references of the document as a whole."""


def lay_out_document(consultation: Consultation, order: TenderOrder) -> PrintableDocument:
    """Return the whole document."""
    writer = _Writer(consultation, order, consultation.language)
    blocks = tuple(writer.blocks())
    word_of = writer.word
    facts = (
        (word_of("buyer"), consultation.buyer),
        (word_of("reference"), consultation.id),
        (word_of("date"), format_day(consultation.date, writer.language)),
        (word_of("trade"), trade(consultation.trade).title.of(writer.language)),
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


@dataclass(frozen=True, slots=True)
class _Writer:
    tender: Consultation
    order: TenderOrder
    language: str

    def get_label(self, name: str, **facts: str) -> str:
        return bilingual_texts.get_word("document", "words", name, self.language, **facts)

    def list_of(self, name: str, **facts: str) -> list[str]:
        lines = [typeset(line) for line in bilingual_texts.texts("document")[name][self.language]]
        return [line.format(**facts) for line in lines] if facts else lines

    def blocks(self) -> Iterator[Block]:
        special: dict[str, Callable[[], Iterator[Block]]] = {
            "context": self.context,
            "questions": self.questions,
            "data": self.data,
            "flows": self.systems,
            "calendar": self.calendar,
            "answering": self.answering,
            "laws": self.laws,
        }
        for chapter in asking.list_chapters():
            yield Heading(1, chapter.title.of(self.language))
            yield Paragraph(chapter.text.of(self.language))
            if chapter.key in special:
                yield from special[chapter.key]()
            if chapter.prefix:
                yield from self.requirements(chapter)
            if chapter.key == "acceptance":
                yield from self.scoring()
        yield from iter_annexes(self.tender, self.order, self.word)

    def requirements(self, chapter: TenderChapter) -> Iterator[Block]:
        listed = [one for one in self.tender.requirements if one.chapter == chapter.key]
        if not listed:
            yield Paragraph(self.word("nothing_needed"))
            return
        yield self.table(self.word("requirements_of", title=chapter.title.of(self.language)), listed)
        cited = dict.fromkeys(law for one in listed for law in one.laws)
        for key in cited:
            law = asking.get_laws()[key]
            yield Law(law.title.of(self.language), "", law.source.of(self.language), law.warning.of(self.language))

    def table(self, caption: str, listed: Sequence[Requirement]) -> Table:
        heads = tuple(self.word(name) for name in ("number", "level", "requirement", "evidence"))
        rows = tuple(
            (
                one.id,
                f"{one.level} {self.word(one.level)}",
                Cell(one.title.of(self.language), one.statement.of(self.language)),
                one.evidence.of(self.language),
            )
            for one in listed
        )
        return Table(caption=caption, heads=heads, rows=rows, widths=(0.17, 0.14, 0.43, 0.26))

    def context(self) -> Iterator[Block]:
        if self.order.tender.context:
            yield Paragraph(self.order.tender.context)
        labels = bilingual_texts.texts("document")["volumes"]
        rows = tuple(
            (
                labels[one.what][self.language] if one.what in labels else one.what,
                format_count(one.count, self.language),
            )
            for one in self.tender.volumes
        )
        if rows:
            counted = (self.word("volume"), self.word("how_many"))
            yield Table(caption=self.word("volumes"), heads=counted, rows=rows, widths=(0.65, 0.35))
        purposes = ", ".join(get_label(one, self.language) for one in self.tender.purposes)
        yield Paragraph(self.word("purposes_say", purposes=purposes))
        heads = tuple(self.word(name) for name in ("level", "meaning", "weight"))
        levels = tuple(
            (f"{level} {self.word(level)}", self.word(f"{level}_says"), str(self.tender.weights[level]))
            for level in Level
        )
        yield Table(caption=self.word("levels"), heads=heads, rows=levels, widths=(0.25, 0.6, 0.15))
        yield Paragraph(self.word("numbers_say", example=self.tender.requirements[0].id))

    def questions(self) -> Iterator[Block]:
        for question in asking.list_questions():
            yield Heading(2, question.title.of(self.language))
            yield Paragraph(question.help.of(self.language))
            answer = self.order.answers.get(question.key, "").strip()
            yield Answer(self.word("answer"), answer, self.word("to_complete"))

    def data(self) -> Iterator[Block]:
        heads = tuple(self.word(name) for name in ("contract", "record", "version", "digest"))
        rows = tuple(
            (one.id, bilingual_texts.record_title(one.id).of(self.language), one.version, one.digest[:16])
            for one in self.tender.contracts
        )
        yield Table(caption=self.word("contracts"), heads=heads, rows=rows, widths=(0.25, 0.4, 0.12, 0.23))
        for pinned in self.tender.contracts:
            about = get(pinned.id).about
            title = bilingual_texts.record_title(pinned.id).of(self.language)
            yield Heading(2, f"{title} ({pinned.id})")
            yield Paragraph(about.fr if self.language == "fr" else about.en)
            yield self.table(self.word("requirements_of", title=title), self.tender.of_contract(pinned.id))

    def systems(self) -> Iterator[Block]:
        if not self.tender.systems:
            yield Paragraph(self.word("no_system"))
            return
        heads = tuple(self.word(name) for name in ("system", "direction", "contracts", "purpose", "means", "rhythm"))
        rows = tuple(
            (
                one.name,
                self.word(one.direction),
                ", ".join(bilingual_texts.record_title(contract).of(self.language) for contract in one.contracts),
                get_label(one.purpose, self.language),
                self.word(one.means),
                one.rhythm or self.word("to_complete"),
            )
            for one in self.tender.systems
        )
        yield Table(caption=self.word("systems"), heads=heads, rows=rows, widths=(0.2, 0.16, 0.2, 0.14, 0.15, 0.15))

    def calendar(self) -> Iterator[Block]:
        days = self.order.calendar.model_dump()
        rows = tuple(
            (self.word(name), format_day(days[name], self.language) or self.word("to_complete"))
            for name in TenderCalendar.model_fields
        )
        heads = (self.word("step"), self.word("when"))
        yield Table(caption=self.word("calendar"), heads=heads, rows=rows, widths=(0.6, 0.4))

    def scoring(self) -> Iterator[Block]:
        yield Heading(2, self.word("scoring_title"))
        shares = self.order.thresholds.model_dump()
        facts = {name: format_share(value, self.language) for name, value in shares.items()}
        facts |= {level: str(count) for level, count in self.tender.weights.items()}
        for line in self.list_of("scoring", **facts):
            yield Paragraph(line)
        digest_line = format_labelled(self.word("rules_digest"), self.tender.rules_digest, self.language)
        yield Paragraph(digest_line, is_note=True)

    def answering(self) -> Iterator[Block]:
        codes = bilingual_texts.texts("document")["codes"]
        heads = (bilingual_texts.get_word("document", "grid", "answer", self.language), self.word("meaning"))
        rows = tuple((code, bilingual_texts.get_word("document", "codes", code, self.language)) for code in codes)
        yield Table(caption=heads[0], heads=heads, rows=rows, widths=(0.2, 0.8))
        yield Bullets(tuple(self.list_of("answering")))

    def laws(self) -> Iterator[Block]:
        cited = dict.fromkeys((*ALWAYS, *(law for one in self.tender.requirements for law in one.laws)))
        for key, law in asking.get_laws().items():
            if key in cited:
                yield Law(*(part.of(self.language) for part in (law.title, law.says, law.source, law.warning)))
