"""Derives the requirements of a contract, field by field, from the model and the buyer's choice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.contracts import field_types
from passerelle.contracts.catalogue import get
from passerelle.contracts.publishing.published_texts import explain_reason, get_label
from passerelle.contracts.types import FieldKind
from passerelle.engine.watches.invoice_watch import AMOUNTS, DIFFER, INVOICE, LINE
from passerelle.tender import bilingual_texts
from passerelle.tender.occasional import find_concern
from passerelle.tender.requirement import NOTHING, BilingualText, Level, Measure, Proof, Requirement
from passerelle.vocabulary.formatting import format_count, format_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from passerelle.contracts.contract import Contract
    from passerelle.tender.order import ContractChoice, TenderOrder

DOMAINS: Mapping[str, str] = {
    "person": "identity",
    "related_contact": "identity",
    "professional": "identity",
    "organisation": "identity",
    "consent": "identity",
    "planned_visit": "planning",
    "absence": "planning",
    "appointment": "planning",
    "visit": "hours",
    "funded_plan": "billing",
    "invoice": "billing",
    "invoice_line": "billing",
}
"""What the note of a contract counts towards; the others are case work."""
DATED: Mapping[str, str] = {
    "visit": "planned_start",
    "planned_visit": "planned_start",
    "appointment": "starts_at",
    "interaction": "occurred_on",
    "invoice": "period_start",
}
"""The field on which the period of a sample is measured; of invoices, the period that they bill."""
_MANY = (*DATED, "invoice_line", "aid_request", "action", "note")
"""Contracts of which there are many records: only there can a long sample be asked for."""
_FORMED = (FieldKind.DAY, FieldKind.PARTIAL_DAY, FieldKind.INSTANT, FieldKind.AMOUNT, FieldKind.QUANTITY)
_ASKED = ("P", "I", "S")


def derive(contract_id: str, choice: ContractChoice, order: TenderOrder) -> Iterator[Requirement]:
    """Yield the requirements of one contract, without numbers, in the order of the grid."""
    deriver = _Deriver(get(contract_id), choice, order)
    yield from deriver.derive_whole()
    for name in deriver.contract.list_fields():
        yield from deriver.derive_field(name)
    yield from deriver.derive_rules()
    yield from deriver.derive_end()


@dataclass(frozen=True, slots=True)
class _Deriver:
    contract: type[Contract]
    choice: ContractChoice
    order: TenderOrder

    @property
    def _family(self) -> str:
        return self.contract.about.family

    def _find_grade(self, name: str) -> str:
        usual = "P" if self.contract.model_fields[name].is_required() else "-"
        return self.choice.fields.get(name, usual)

    def derive_whole(self) -> Iterator[Requirement]:
        """Yield requirements on size, period, readable rows and a key."""
        rows, days = self.order.sample.rows, self.order.sample.days
        reach = bilingual_texts.format_both(format_share, 1 - 0.05 ** (1 / rows))
        if self._family in _MANY:
            yield self._make(Measure.VOLUME, "I", figure=rows, words={"reach": reach})
        if (dated := DATED.get(self._family)) and self._find_grade(dated) in _ASKED:
            text = "billed_period" if self._family == INVOICE else ""
            yield self._make(Measure.PERIOD, "I", name=dated, figure=days, text=text)
        green = self.order.thresholds.keys
        yield self._make(Measure.FORM, "P", text="whole", green=green, words=self._format_shares(green))
        # `ref` is never asked for as a field: it is the key that idempotency rests on.
        yield self._make(Measure.KEY, "P", name="ref", green=green, words=self._format_shares(green))

    def derive_field(self, name: str) -> Iterator[Requirement]:
        """Yield requirements on one field: present, well formed, coded, its reference resolved; or absent."""
        grade, entry = self._find_grade(name), self.contract.describe_fields()[name]
        if grade == "X":
            sensitivity = BilingualText(*(get_label(entry.sensitivity, language) for language in ("fr", "en")))
            yield self._make(Measure.MINIMAL, "I", name=name, text="excluded", words={"sensitivity": sensitivity})
        if grade not in _ASKED or name == "ref":
            return
        is_required = self.contract.model_fields[name].is_required()
        green = self.order.thresholds.keys if is_required or entry.reference else self.order.thresholds.others
        if is_required or name in self.choice.filled:
            yield self._make(Measure.FILLED, grade, name=name, green=green, words=self._format_shares(green))
        else:
            yield self._derive_present(name, grade)
        shares = self._format_shares(green)
        kind = field_types.list_shapes(self.contract)[name].kind
        if grade == "P" and kind in _FORMED:
            said = BilingualText(*(get_label(kind, language).replace("`", "") for language in ("fr", "en")))
            example = json.dumps(entry.example, ensure_ascii=False).strip('"')
            yield self._make(
                Measure.FORM, grade, name=name, green=green, words={**shares, "kind": said, "example": example}
            )
        if grade in "PI" and entry.codes:
            yield self._make(Measure.CODES, grade, name=name, green=green, words={**shares, "codes": entry.codes})
        # A reference can only be resolved in a sample whose contracts are asked for.
        referred = next((one for one in self.order.contract if one.partition("/")[0] == entry.reference), "")
        if grade in "PI" and referred:
            target = bilingual_texts.get_record_title(referred)
            yield self._make(Measure.LINK, grade, name=name, green=green, words={**shares, "target": target})

    def _derive_present(self, name: str, grade: str) -> Requirement:
        concern = find_concern(self._family, name)
        share = self.order.thresholds.present
        whom = concern.says if concern else NOTHING
        # After a noun: `des enregistrements annulés`, `of the records that are cancelled`.
        words = {"whom": BilingualText(*(f" {one}" if one else "" for one in (whom.fr, whom.en)))}
        return self._make(Measure.PRESENT, grade, name=name, green=share, words={**self._format_shares(share), **words})

    def derive_rules(self) -> Iterator[Requirement]:
        """Yield requirements on the cross-field rules whose fields are all asked for."""
        for rule in self.contract.rules:
            if all(self._find_grade(name) in _ASKED for name in rule.fields):
                green = self.order.thresholds.others
                # A rule that only warns costs no record.
                level = "S" if rule.warns else "I"
                yield self._make_rule(rule.code, rule.fields, level, green)
        if summed := self._list_summed():
            # Money that does not add up is looked for by accountants and payers: as strict as a key.
            yield self._make_rule(DIFFER, summed, "I", self.order.thresholds.keys)

    def _list_summed(self) -> tuple[str, ...]:
        """Return the totals that must be the sum of the lines: those asked for together with the lines' amounts."""
        choice = next((one for name, one in self.order.contract.items() if name.partition("/")[0] == LINE), None)
        if self._family != INVOICE or choice is None:
            return ()
        return tuple(
            total
            for total, amount in AMOUNTS.items()
            if self._find_grade(total) in _ASKED and choice.fields.get(amount, "-") in _ASKED
        )

    def _make_rule(self, code: str, names: Iterable[str], level: str, green: float) -> Requirement:
        titles = [bilingual_texts.get_field_title(self.contract.about.id, name) for name in names]
        labels = BilingualText(", ".join(title.fr for title in titles), ", ".join(title.en for title in titles))
        sentences = [explain_reason(code, language) for language in ("fr", "en")]
        says, advice = (BilingualText(sentences[0][part], sentences[1][part]) for part in (0, 1))
        words = {**self._format_shares(green), "labels": labels, "says": says, "advice": advice}
        return self._make(Measure.RULE, level, rule=code, green=green, words=words)

    def derive_end(self) -> Iterator[Requirement]:
        """Yield requirements on data outside the contract and on the round trip."""
        yield self._make(Measure.MINIMAL, "I")
        if (level := self.order.reversibility.there_and_back) != "-":
            yield self._make(Measure.RETURN, level)

    def _format_shares(self, green: float) -> dict[str, BilingualText | str]:
        return {
            "green": bilingual_texts.format_both(format_share, green),
            "rest": bilingual_texts.format_both(format_share, 1 - green),
        }

    def _make(  # noqa: PLR0913  each argument is one part of what is asked
        self,
        measure: Measure,
        level: str,
        *,
        name: str = "",
        rule: str = "",
        text: str = "",
        figure: int = 0,
        green: float = 1.0,
        words: Mapping[str, BilingualText | str] | None = None,
    ) -> Requirement:
        texts = bilingual_texts.load_texts("measures")[text or measure.value]
        words_known = self._collect_words(name, figure) | dict(words or {})
        parts = [
            bilingual_texts.make_text({language: texts[language][part] for language in ("fr", "en")}, **words_known)
            for part in ("title", "statement", "evidence", "remedy")
        ]
        counted = measure in (Measure.FORM, Measure.FILLED, Measure.CODES, Measure.KEY, Measure.LINK, Measure.RULE)
        about = rule or name
        # What leaves the contract, and the round trip, count towards reversibility, whichever record they are about.
        is_exit = measure is Measure.RETURN or (measure is Measure.MINIMAL and not name)
        return Requirement(
            id="",
            key="/".join(filter(None, (self._family, about, measure.value))),
            level=Level(level),
            chapter=self._family,
            domain="export" if is_exit else DOMAINS.get(self._family, "casework"),
            measure=measure,
            contract=self.contract.about.id,
            field=name,
            rule=rule,
            figure=figure,
            green=green,
            red=self.order.thresholds.red if counted else 0.0,
            weight=self.order.weights.model_dump()[level],
            proof=Proof.SAMPLE,
            title=parts[0],
            statement=parts[1],
            evidence=parts[2],
            remedy=parts[3],
        )

    def _collect_words(self, name: str, figure: int) -> dict[str, BilingualText | str]:
        about = self.contract.about
        words_known: dict[str, BilingualText | str] = {
            "record": bilingual_texts.get_record_title(about.id),
            "contract": about.id,
            "version": about.version,
            "figure": bilingual_texts.format_both(format_count, figure),
            "name": name,
        }
        if name:
            entry = self.contract.describe_fields()[name]
            words_known["label"] = bilingual_texts.get_field_title(about.id, name)
            words_known["description"] = BilingualText(entry.fr, entry.en)
        return words_known
