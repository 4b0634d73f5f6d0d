"""Fill the required fields of a contract that no column matched, as well as can be, always with a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from passerelle import nomenclatures
from passerelle.contracts.types import FieldKind
from passerelle.extension.inferring.name_likeness import list_variants
from passerelle.extension.inferring.parties import find_foreign, is_contact, is_of_subject
from passerelle.extension.inferring.proposal import FieldChoice
from passerelle.extension.inferring.slots import list_slots
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from passerelle.extension.inferring.contents import Evidence
    from passerelle.extension.inferring.proposal import Spec
    from passerelle.extension.inferring.slots import ColumnSlot

Cells = Mapping[str, Sequence[str | None]]

_LASTING = ("person", "professional", "organisation")
"""Families whose records a key of several columns would name anew whenever one of them changes."""
_PARTS = 5
"""Most columns of a key made of several."""
_SURE = 0.3
"""How sure a field is that was filled for want of better."""
_NEVER_A_KEY = frozenset({"prenom", "commentair", "montant", "adress", "vill", "civilit", "sex", "naissanc", "prix"})
_LONGEST_KEY = 60
_BORN = frozenset({"naissanc"})
_NAMES = frozenset({"nom", "prenom", "personn"}) | _BORN
_NAMING = ("birth_name", "last_name", "first_names", "first_name", "birth_date")
_NO_NUMBER = N_("No column holds an identifier: names change and are shared. Can the export carry a number?")
_UNITS = {"billed_quantity": ("billed_unit", "hour"), "quantity": ("unit", "hour")}
"""Quantities whose unit, when no column says it, is an hour in nearly every export of home care."""


class GapFiller:
    """Fills the required fields that have no converter yet; what stays without is in `missing` after `filled`."""

    def __init__(
        self, contract: str, seen: Mapping[str, Evidence], choices: Sequence[FieldChoice], cells: Cells
    ) -> None:
        self._family = contract.partition("/")[0]
        self._slots = list_slots(contract)
        self._seen = seen
        self._cells = cells
        self._foreign = find_foreign(seen, "person")
        self._columns = {choice.field: choice.columns for choice in choices}
        self.missing: tuple[str, ...] = ()

    def fill_gaps(self) -> list[FieldChoice]:
        """Return a choice for each gap that can be filled."""
        gaps = [slot for slot in self._slots if slot.required and slot.name not in self._columns]
        found = {slot.name: self._fill(slot) for slot in gaps}
        self.missing = tuple(name for name, choice in found.items() if choice is None)
        return [*(choice for choice in found.values() if choice), *self._add_units()]

    def _fill(self, slot: ColumnSlot) -> FieldChoice | None:
        if slot.field == "ref":
            return self._choose_key()
        if slot.kind is FieldKind.URN:
            return self._name_by_birth(slot)
        if slot.kind is FieldKind.WORD:
            codes = nomenclatures.get(slot.fact.codes).codes if slot.fact and slot.fact.codes else ()
            # Files of what took place hold mostly what was done: the first code of the list is only a last resort.
            usual = next((code for code in ("done", "active", "accepted") if code in codes), next(iter(codes), ""))
            question = _("No column says this: is it «{word}» for every row?").format(word=usual)
            return _make_choice(slot.field, {"kind": "constant", "value": usual}, (), question) if usual else None
        if slot.coded:
            question = _("No column says this: what is it for every row?")
            return _make_choice(slot.field, {"kind": "constant", "value": {"original": self._family}}, (), question)
        return self._choose_column(slot)

    def _choose_key(self) -> FieldChoice | None:
        """Find what names a row for ever: a column without repeats, or several that together have none."""
        # Moments rarely repeat either, but two rows of one minute are only a matter of time.
        single = [
            name
            for name, seen in self._seen.items()
            if seen.unique
            and seen.share("id") > 0.9
            and not seen.temporal
            and is_possible_key(name, seen)
            # One person more, and a name is that of two.
            and (self._family == "organisation" or not any("nom" in words for words in list_variants(name)))
        ]
        single.sort(key=lambda name: not any("numero" in one for one in list_variants(name)))
        if not single and (names := self._list_names()):
            return _make_choice("ref", self._make_ref(names, self._family), tuple(names), _(_NO_NUMBER))
        columns = single[:1] or self._choose_several()
        if not columns:
            return None
        question = _("Is this key unique and does it stay the same for ever? Two exports must name a row alike.")
        return _make_choice("ref", self._make_ref(columns, self._family), tuple(columns), question)

    def _list_names(self) -> list[str]:
        """Return the columns that name people who have no number: of whom they are, their names and their birth."""
        told = [column for field in _NAMING for column in self._columns.get(field, ())]
        of_whom = self._columns.get("person_ref", ()) if self._family == "related_contact" else ()
        return list(dict.fromkeys((*of_whom, *told))) if len(told) > 1 else []

    def check_key(self, choice: FieldChoice) -> FieldChoice:
        """Ask about a key that repeats; add what tells its rows apart, where the rows are not people or places."""
        column = choice.columns[0]
        repeats = self._seen[column].repeats
        if choice.field != "ref" or len(choice.columns) > 1 or not repeats:
            return choice
        question = _("This key repeats in the file: {count}. What names a row for ever?").format(count=repeats)
        several = [] if self._family in _LASTING else self._choose_several((column,))
        if len(several) < 2 or several[0] != column:
            return replace(choice, questions=(*choice.questions, question))
        specs = (self._make_ref(several, self._family),)
        return replace(choice, specs=specs, columns=tuple(several), questions=(*choice.questions, question))

    def _choose_several(self, begun: Sequence[str] = ()) -> list[str]:
        """Take columns that each tell more rows apart: those that say whom and when first, then the most varied."""
        first = [column for field in self._columns for column in self._columns[field] if field.endswith("_ref")]
        dated = [name for name, seen in self._seen.items() if seen.kind or seen.clock]
        rest = sorted(self._seen, key=lambda name: -self._seen[name].distinct)
        first = [name for name in (*begun, *first) if name in self._seen]
        dated = [name for name in dated if is_possible_key(name, self._seen[name])]
        rest = [name for name in rest if is_possible_key(name, self._seen[name])]
        chosen: list[str] = []
        most_apart = 1
        for name in dict.fromkeys((*first, *dated, *rest)):
            apart = len(set(zip(*(self._cells[one] for one in (*chosen, name)), strict=True)))
            if apart > most_apart and self._seen[name].filled and len(chosen) < _PARTS:
                chosen, most_apart = [*chosen, name], apart
        return chosen

    def _make_ref(self, columns: Sequence[str], entity: str) -> Spec:
        return {"kind": "ref", "column": columns[0] if len(columns) == 1 else list(columns), "entity": entity}

    def _name_by_birth(self, slot: ColumnSlot) -> FieldChoice | None:
        """Name somebody by name and birth when there is no number, or by the row's own key.

        The names of whom the rows are about name nobody else: those of a helper are not the helped person's.
        """
        entity = slot.fact.reference if slot.fact else ""
        own = {one.field for one in self._slots if is_of_subject(one, self._family)} if entity != self._family else ()
        taken = {column for field in own for column in self._columns.get(field, ())}
        names = [
            name
            for name in self._seen
            if self._seen[name].filled
            and not is_contact(name, self._seen[name])
            and name not in self._foreign | taken
            and any(_NAMES & set(v) for v in list_variants(name))
        ]
        # A day of birth alone names nobody.
        names = names[:3] if any(not _BORN & set(v) for name in names for v in list_variants(name)) else []
        columns = names or list(self._columns.get("ref", ())) or self._choose_several()
        if not columns or not entity:
            return None
        return _make_choice(slot.field, self._make_ref(columns, entity), tuple(columns), _(_NO_NUMBER))

    def _choose_column(self, slot: ColumnSlot) -> FieldChoice | None:
        """Take a column that can hold it: a day for a moment, the key for a number, the longest text for a text."""
        question = _("No column is called so: is this the right one?")
        if slot.kind in (FieldKind.INSTANT, FieldKind.DAY, FieldKind.PARTIAL_DAY):
            return self._choose_dated(slot, question)
        if slot.kind is not FieldKind.TEXT:
            return None
        columns = self._columns.get("ref", ()) if slot.field.endswith("number") else ()
        longest = max(self._seen, key=lambda name: self._seen[name].longest, default="")
        column = next(iter(columns), longest)
        spec: dict[str, Any] = {"kind": "text", "column": column}
        if slot.shape and slot.shape.max_length > 255:
            spec["max_length"] = slot.shape.max_length
        return _make_choice(slot.field, spec, (column,), question) if column else None

    def _choose_dated(self, slot: ColumnSlot, question: str) -> FieldChoice | None:
        dated = {name: seen for name, seen in self._seen.items() if seen.kind}
        moments = [name for name, seen in dated.items() if seen.kind == "moment"]
        column = next(iter(moments if slot.kind is FieldKind.INSTANT and moments else dated), "")
        if not column:
            return None
        kinds = {FieldKind.INSTANT: "local_date_time", FieldKind.DAY: "date"}
        kind = kinds.get(slot.kind or FieldKind.DAY, "partial_date")
        spec = {"kind": kind, "column": column, "formats": list(dated[column].formats)}
        return _make_choice(slot.field, spec, (column,), question)

    def _add_units(self) -> list[FieldChoice]:
        """Add the unit of a quantity that has none: hours, in nearly every export of home care."""
        known = {slot.name for slot in self._slots}
        question = _("No column says the unit: is it hours?")
        return [
            _make_choice(unit, {"kind": "constant", "value": word}, (), question)
            for quantity, (unit, word) in _UNITS.items()
            if quantity in self._columns and unit in known and unit not in self._columns
        ]


def _make_choice(name: str, spec: Spec, columns: tuple[str, ...], question: str) -> FieldChoice:
    return FieldChoice(name, (spec,), columns, _SURE, (_("for want of better"),), (question,))


def is_possible_key(name: str, seen: Evidence) -> bool:
    """Whether a column may name a row: never a telephone, an address, a name, a free text or an amount."""
    words = {word for variant in list_variants(name) for word in variant}
    return not (is_contact(name, seen) or words & _NEVER_A_KEY or seen.longest > _LONGEST_KEY)
