"""Values of contract fields as people write them: labels for codes, days in words, one line a telephone or address."""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle import contracts, nomenclatures
from passerelle.contracts.field_types import find_shape, get_item_type, get_model
from passerelle.contracts.types import Address, Coded, FieldKind, Identifier, Telecom
from passerelle.engine.persons.person_records import NumberedProfessional
from passerelle.vocabulary.formatting import NO_BREAK, format_day, format_labelled, format_number
from passerelle.vocabulary.language import N_, _, get_current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from passerelle.contracts.contract import Contract

_TELECOMS: Mapping[str, str] = MappingProxyType(
    {
        "phone": N_("telephone"),
        "mobile": N_("mobile telephone"),
        "fax": N_("fax"),
        "email": N_("e-mail"),
        "url": N_("website"),
        "other": N_("other"),
    }
)
_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "nir": N_("social security number (NIR)"),
        "nia": N_("provisional social security number (NIA)"),
        "ins": N_("national health identity (INS)"),
        "caf": N_("family allowance number (CAF)"),
        "france_travail": N_("job seeker number (France Travail)"),
        "iban": N_("bank account (IBAN)"),
    }
)
"""Numbers that people have a word for; of others the name of the system is shown."""
_CENTS = 2


def get_title(contract: type[Contract], name: str) -> str:
    """Return the title of a field in the language in use."""
    meta = contract.describe_fields()[name]
    return meta.fr_title if get_current() == "fr" else meta.en_title


def format_field(contract_id: str, name: str, value: Any) -> tuple[str, ...]:
    """Return the lines of a field's value; `value` is as polars reads it, or the number of a professional."""
    if isinstance(value, NumberedProfessional):
        return (_("a professional (no. {number})").format(number=value.number),)
    contract = contracts.get(contract_id)
    annotation = contract.model_fields[name].annotation
    lines: Iterable[str]
    shape = find_shape(annotation, tuple(contract.model_fields[name].metadata))
    if shape.kind is FieldKind.LIST:
        inner = get_item_type(annotation)
        lines = chain.from_iterable(_iter_lines(inner, item, contract, name) for item in value)
    else:
        lines = _iter_lines(annotation, value, contract, name, tuple(contract.model_fields[name].metadata))
    return tuple(filter(None, lines))


def _iter_lines(
    annotation: Any, value: Any, contract: type[Contract], name: str, metadata: tuple[Any, ...] = ()
) -> Iterator[str]:
    meta = contract.describe_fields()[name]
    kind = find_shape(annotation, metadata).kind
    if kind is FieldKind.OBJECT:
        write = _OBJECTS.get(get_model(annotation))
        yield from write(value, meta.codes) if write else _list_members(value)
    elif kind is FieldKind.MAP:
        yield from (format_labelled(title, text) for title, text in value.items())
    else:
        text = _format_plain(kind, value, meta.codes)
        yield f"{text}{NO_BREAK}{meta.unit}" if meta.unit else text


def _format_plain(kind: FieldKind, value: Any, codes: str) -> str:
    if kind is FieldKind.FLAG:
        return _("yes") if value else _("no")
    if kind is FieldKind.INSTANT:
        return format_moment_in_words(value)
    if kind in (FieldKind.DAY, FieldKind.PARTIAL_DAY):
        return _format_day(value)
    if kind is FieldKind.AMOUNT:
        return f"{format_number(float(value), _CENTS)}{NO_BREAK}€"
    if kind is FieldKind.QUANTITY:
        return format_number(float(value), len(value.partition(".")[2]))
    return _find_label(codes, value) or str(value)


def format_moment_in_words(text: str) -> str:
    """Return an ISO moment as its day and time, where it was written; what is none is returned as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    time = _("{hour}:{minute}").format(hour=moment.hour, minute=f"{moment.minute:02}")
    return _("{day} at {time}").format(day=format_day(moment.date().isoformat()), time=time)


def _format_day(text: str) -> str:
    """Return a day, or as much of it as is known: `avril 1947`, `1947`."""
    if len(text) == len("1947-04"):
        # the second, since French writes «1er» for the first
        return NO_BREAK.join(format_day(f"{text}-02").split(NO_BREAK)[1:])
    return format_day(text)


def _find_label(codes: str, code: Any) -> str:
    """Return what a list of ours calls a code; empty when it does not know it."""
    if codes not in nomenclatures.list_names() or code not in nomenclatures.get(codes):
        return ""
    return nomenclatures.get(codes).get_label(code, get_current())


def _write_coded(value: Mapping[str, Any], codes: str) -> Iterator[str]:
    label = value.get("label") or _find_label(value.get("system") or codes, value.get("code"))
    yield label or value.get("original") or value.get("code") or ""


def _write_telecom(value: Mapping[str, Any], _codes: str) -> Iterator[str]:
    yield format_labelled(_(_TELECOMS.get(value.get("kind") or "", "")), value.get("value") or "")


def _write_address(value: Mapping[str, Any], _codes: str) -> Iterator[str]:
    city = " ".join(filter(None, (value.get("postcode"), value.get("city"))))
    yield ", ".join(filter(None, (*(value.get("lines") or ()), city)))


def _write_identifier(value: Mapping[str, Any], _codes: str) -> Iterator[str]:
    system = value.get("system") or ""
    yield format_labelled(_(_NUMBERS[system]) if system in _NUMBERS else system, value.get("value") or "")


def _list_members(value: Mapping[str, Any]) -> Iterator[str]:
    """Write an object that has no form of its own: its members, but the names of lists and codes."""
    texts = [str(part) for name, part in value.items() if part is not None and name not in ("system", "code")]
    yield " – ".join(texts)


_OBJECTS: Mapping[type, Callable[[Mapping[str, Any], str], Iterator[str]]] = MappingProxyType(
    {Coded: _write_coded, Telecom: _write_telecom, Address: _write_address, Identifier: _write_identifier}
)
