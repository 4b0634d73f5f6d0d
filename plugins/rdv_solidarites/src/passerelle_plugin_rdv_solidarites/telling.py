"""Fitting of a person to a user of RDV-Solidarités: one telephone number, one address, whole days, its own codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    Record = Mapping[str, Any]
    Item = Mapping[str, Any]

_ORGANISATION = "rdv-solidarites:organisation:"
_PERSON = "rdv-solidarites:person:"
_WHOLE_DAY = len("2024-11-04")


def user(record: Record, situations: Collection[str]) -> Record:
    """Return the fields as the API accepts them; values that it would refuse are left out and counted as unmapped.

    A new user is sent with the number of its organisation; an existing one stays where it is.
    """
    ref, organisation = str(record.get("ref") or ""), str(record.get("organisation_ref") or "")
    is_new = not ref.startswith(_PERSON) and record.get("_version", 1) == 1
    names_organisation = is_new and organisation.startswith(_ORGANISATION)
    situation, birth = record.get("family_situation") or {}, record.get("birth_date") or ""
    return {
        "organisation_ref": organisation.removeprefix(_ORGANISATION) if names_organisation else None,
        "usual_name": record.get("usual_name") or record.get("birth_name"),
        # Half a date would be refused, and the whole user with it.
        "birth_date": birth if len(birth) == _WHOLE_DAY else None,
        "family_situation": situation if situation.get("code") in situations else None,
        "telecoms": _choose_telecoms(record.get("telecoms") or ()),
        "addresses": _write_on_one_line(record.get("addresses") or ()),
    }


def _choose_telecoms(telecoms: Collection[Item]) -> list[Item]:
    """Choose one number, a mobile first since messages go there, and one e-mail address."""
    phone = next((item for kind in ("mobile", "phone") for item in telecoms if item["kind"] == kind), None)
    mail = next((item for item in telecoms if item["kind"] == "email"), None)
    chosen = [{**item, "kind": kind} for item, kind in ((phone, "phone"), (mail, "email")) if item]
    others = [item for item in telecoms if item is not phone and item is not mail]
    return [*chosen, *({**item, "kind": "other"} for item in others)]


def _write_on_one_line(addresses: Collection[Item]) -> list[Item]:
    """Return addresses as the API holds them: postcode and city on the line."""
    written: list[Item] = []
    for address in addresses:
        place = " ".join(part for part in (address.get("postcode"), address.get("city")) if part)
        line = ", ".join(part for part in (*(address.get("lines") or ()), place) if part)
        written.append({**address, "lines": [line], "postcode": None, "city": None})
    return written
