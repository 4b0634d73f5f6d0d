"""A NIR against what the record says of the same person: sex, year and month of birth, birthplace.

Source: INSEE, «numéro d'inscription au répertoire» (décret n° 82-103, and the COG of the year of birth): sex, year,
month, department and commune, rank. Sex 3 and 4, and 7 and 8, stand for 1 and 2 while a registration is under way.
Months above 12 stand for acts that do not say the month.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from passerelle.contracts import identifiers
from passerelle.contracts.field_types import list_columns
from passerelle.contracts.identifiers import NumberCheck
from passerelle.contracts.places import FRENCH_TERRITORIES, is_commune
from passerelle.stages.validate.findings import ValidationFinding
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from passerelle.contracts.contract import Contract

CODE = "validate.nir.incoherent"
SYSTEMS = ("nir", "nia", "ins")
_SEXES = {"M": "137", "F": "248"}
_TITLES = {"M": "137", "MME": "248"}
_MONTHS = tuple(f"{month:02d}" for month in range(1, 13))
_FORMER_DEPARTMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # Created in 1968 out of Seine (75) and Seine-et-Oise (78), under which people born before are registered.
        "91": ("78",),
        "92": ("75", "78"),
        "93": ("75", "78"),
        "94": ("75", "78"),
        "95": ("78",),
        # Towns around Lyon were in Ain and Isère until then.
        "69": ("01", "38"),
    }
)
_SPLIT_UNTIL, _COLONIES_UNTIL = "1969", "1965"
_FORMER_TERRITORIES = ("91", "92", "93", "94", "95", "96")
"""Algeria (91 to 94), Morocco (95) and Tunisia (96) until their independence."""
_OVERSEAS = ("97", "98")
_ABROAD = "99"


def is_about_a_person(contract: type[Contract]) -> bool:
    """Whether the records of a contract are persons, so that a NIR in them is theirs."""
    return contract.about.person == "ref"


def iter_incoherences(record: Mapping[str, Any], contract: type[Contract]) -> Iterator[ValidationFinding]:
    """Yield what contradicts the first NIR of a person whose key is not known to be wrong: that is told already."""
    if not is_about_a_person(contract):
        return
    for nth, item in enumerate(record.get("identifiers", ())):
        system = item["system"].lower()
        if system in SYSTEMS and identifiers.check(system, item["value"]) in (NumberCheck.OK, NumberCheck.UNCHECKED):
            number = identifiers.normalise(item["value"])
            for field, part in _iter_contradictions(number, record):
                details = {"path": f"identifiers[{nth}].value", "part": _(part), "other": field}
                yield ValidationFinding(CODE, field, details, warns=True)
            return


def _iter_contradictions(number: str, record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each field that a NIR contradicts, and what of it."""
    sex, title = record.get("sex", {}).get("code"), record.get("title", {}).get("code")
    if number[0] not in _SEXES.get(sex, number):
        yield "sex", N_("the sex")
    elif "sex" not in record and number[0] not in _TITLES.get(title, number):
        yield "title", N_("the sex")
    born = record.get("birth_date", "")
    if born and born[2:4] != number[1:3]:
        yield "birth_date", N_("the year of birth")
    elif born[5:7] and number[3:5] in _MONTHS and born[5:7] != number[3:5]:
        yield "birth_date", N_("the month of birth")
    commune, country = record.get("birth_commune", ""), record.get("birth_country", "")
    if is_commune(commune) and not _matches_commune(number[5:7], commune, born):
        yield "birth_commune", N_("the place of birth")
    elif not commune and country and not _matches_country(number[5:10], country, born):
        yield "birth_country", N_("the place of birth")


def _matches_commune(department: str, commune: str, born: str) -> bool:
    """Whether the department of a NIR can be that of a commune; an unknown birth date rules nothing out."""
    own = commune[:2]
    if own in ("20", "2A", "2B"):
        return department in ("20", "2A", "2B")
    if own in _OVERSEAS:
        # Mayotte was in 98 until it became a department.
        return department in _OVERSEAS
    if own == _ABROAD:
        return department == _ABROAD or (department in _FORMER_TERRITORIES and born < _COLONIES_UNTIL)
    return own == department or (department in _FORMER_DEPARTMENTS.get(own, ()) and born < _SPLIT_UNTIL)


def _matches_country(place: str, country: str, born: str) -> bool:
    """Whether the department and commune of a NIR can be in a country, of ISO 3166-1 or of the COG."""
    department = place[:2]
    if department in _FORMER_TERRITORIES and born < _COLONIES_UNTIL:
        return True
    if len(country) > len("FR"):
        # A country that no longer exists, or was renamed, has had other codes: only the 99 is compared.
        return department == _ABROAD or country == "99100"
    if country in FRENCH_TERRITORIES:
        return department != _ABROAD
    return department in (_ABROAD, *_OVERSEAS)


def check_coherence(frame: pl.DataFrame, contract: type[Contract]) -> pl.Series | None:
    """Return the rows in which no NIR surely contradicts the record; None: nothing can.

    Rows whose NIR is not written in figures, or whose birthplace is not simply that of the NIR, are not sure.
    """
    if not is_about_a_person(contract) or not isinstance(frame.schema.get("identifiers"), pl.List):
        return None
    expected = list_columns(contract)
    names = [name for name in _PLAIN if frame.schema.get(name) == expected[name]]
    if not names:
        return None
    items = frame.select(pl.int_range(pl.len()).alias(ROW), "identifiers", *names).explode("identifiers")
    system, number = (pl.col("identifiers").struct.field(part) for part in ("system", "value"))
    items = items.filter(system.str.to_lowercase().is_in(SYSTEMS)).with_columns(number.alias("number"))
    plain = [number.str.contains("^[1-478][0-9]{9}"), *(_PLAIN[name]() for name in names)]
    doubtful = items.filter(~pl.all_horizontal(*(check.fill_null(value=True) for check in plain)))
    rows = doubtful.get_column(ROW).unique()
    return pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True).scatter(rows, False)


def _slice(start: int, length: int) -> pl.Expr:
    return pl.col("number").str.slice(start, length)


def _match_sex(name: str, digits: Mapping[str, str]) -> pl.Expr:
    code = pl.col(name).struct.field("code")
    return pl.any_horizontal(
        ~code.is_in(list(digits)), *((code == word) & _slice(0, 1).is_in(list(ones)) for word, ones in digits.items())
    )


def _match_birth_date() -> pl.Expr:
    born, month = pl.col("birth_date"), _slice(3, 2)
    is_month = (born.str.len_bytes() < len("1947-04")) | (born.str.slice(5, 2) == month) | ~month.is_in(_MONTHS)
    return (born.str.slice(2, 2) == _slice(1, 2)) & is_month


_PLAIN: Mapping[str, Callable[[], pl.Expr]] = MappingProxyType(
    {
        "sex": lambda: _match_sex("sex", _SEXES),
        "title": lambda: _match_sex("title", _TITLES),
        "birth_date": _match_birth_date,
        "birth_commune": lambda: pl.col("birth_commune").str.slice(0, 2) == _slice(5, 2),
        "birth_country": lambda: (pl.col("birth_country") == "FR") & (_slice(5, 2) != _ABROAD),
    }
)
"""By field of a person: where it surely does not contradict the column `number`; null where it is unknown."""
