"""A clean invented bid of persons, plans, visits, invoices and lines, and faults that a person would see in it."""

from __future__ import annotations

import random
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Bid = dict[str, list[Row]]
PERSONS, VISITS = 40, 240
_NAMES = (
    "Abadie",
    "Barrau",
    "Cazal",
    "Daubin",
    "Estève",
    "Fabre",
    "Garric",
    "Hébrard",
    "Izard",
    "Jouve",
    "Lacaze",
    "Maurel",
    "Nougué",
    "Olive",
    "Puech",
)
_FIRST = (
    "Alma",
    "Berthe",
    "Cyprien",
    "Denise",
    "Émile",
    "Fanny",
    "Gaston",
    "Hortense",
    "Irène",
    "Jules",
    "Léonie",
    "Marius",
    "Nelly",
    "Odon",
    "Paule",
)
_PLACES = ("la cour", "du jardin", "sous le porche", "chez le gardien", "près du four", "au fond à gauche")


def write_moment(moment: datetime) -> str:
    """Write a moment of October or November 2026 as France saw it."""
    summer = moment < datetime(2026, 10, 25, 3)  # noqa: DTZ001  the clock on the wall
    return moment.isoformat() + ("+02:00" if summer else "+01:00")


def make_bid() -> Bid:
    """Make the clean bid: the same rows each time."""
    dice = random.Random(11)  # noqa: S311  an invented bid, no secret
    persons = [_make_person(n, dice) for n in range(PERSONS)]
    plans = [
        {
            "ref": f"s:funded_plan:{n}",
            "person_ref": f"s:person:{n}",
            "payer": "Département",
            "hours": f"{8 + n % 9}",
            "start_on": "2026-01-01",
            "end_on": "2026-12-31",
        }
        for n in range(PERSONS)
    ]
    visits = [_make_visit(n, dice) for n in range(VISITS)]
    invoices = [
        {
            "ref": f"s:invoice:{n}",
            "number": f"F26-{n:04d}",
            "person_ref": f"s:person:{n}",
            "issued_on": "2026-11-02",
            "period_start": "2026-10-01",
            "period_end": "2026-10-31",
        }
        for n in range(PERSONS)
    ]
    lines = [
        {
            "ref": f"s:invoice_line:{n}",
            "invoice_ref": f"s:invoice:{n % PERSONS}",
            "visit_ref": f"s:visit:{n}",
            "quantity": visits[n]["billed_quantity"],
        }
        for n in range(VISITS)
    ]
    bid = {"person/1": persons, "funded_plan/1": plans, "visit/1": visits}
    return {**bid, "invoice/1": invoices, "invoice_line/1": lines}


def _make_person(n: int, dice: random.Random) -> Row:
    born = date(1926, 1, 3) + timedelta(days=dice.randrange(9000))
    return {
        "ref": f"s:person:{n}",
        "birth_name": f"{_NAMES[n % 15]}-{_NAMES[(n * 7 + 3) % 15]}",
        "first_names": _FIRST[(n * 4) % 15],
        "birth_date": born.isoformat(),
        "telecoms": [{"kind": "phone", "value": f"+3353401{n:04d}"}],
        "addresses": [{"lines": [f"{n + 1} rue du Pont"], "postcode": f"{9000 + n:05d}", "city": "Bourg"}],
        "access_notes": f"Entrée par {_PLACES[n % 6]}, {'sonner ' * (n % 5)}puis monter au {n % 4} droite.",
    }


def _make_visit(n: int, dice: random.Random) -> Row:
    """Person n modulo 40 once every second day; each professional goes from one to the next."""
    turn, day = n % 8, n // 8
    first = datetime(2026, 10, 1, 7, 30)  # noqa: DTZ001  the clock on the wall
    start = first + timedelta(days=day, minutes=75 * turn + 5 * dice.randrange(3))
    long = timedelta(minutes=dice.choice((30, 45, 60)))
    came = start + timedelta(seconds=dice.randrange(-400, 500))
    left = start + long + timedelta(seconds=dice.randrange(-200, 300))
    return {
        "ref": f"s:visit:{n}",
        "person_ref": f"s:person:{n % PERSONS}",
        "professional_ref": f"s:professional:{day % 5}",
        "plan_ref": f"s:funded_plan:{n % PERSONS}",
        "status": "done",
        "planned_start": write_moment(start),
        "planned_end": write_moment(start + long),
        "stamped_start": write_moment(came),
        "stamped_end": write_moment(left),
        "retained_start": write_moment(start),
        "retained_end": write_moment(start + long),
        "billed_quantity": f"{long.seconds / 3600:g}",
        "billed_unit": "hour",
        "comment": f"Passage {n} : {_PLACES[n % 6]}, moral {'bon' if n % 3 else 'moyen'}.",
    }


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text[:19])


def _each(bid: Bid, contract: str, share: float = 1.0) -> list[Row]:
    rows = bid[contract]
    return [row for n, row in enumerate(rows) if (n * 37) % 100 < share * 100]


def _shift(names: tuple[str, ...], share: float = 1.0, **by: float):
    def inject(bid: Bid) -> None:
        for row in _each(bid, "visit/1", share):
            row.update({name: write_moment(_read(row[name]) + timedelta(**by)) for name in names})

    return inject


def _set(contract: str, name: str, change, share: float = 1.0):
    def inject(bid: Bid) -> None:
        for row in _each(bid, contract, share):
            row[name] = change(row)

    return inject


def _scale(factor: float, plus: float = 0.0, share: float = 1.0):
    return _set("visit/1", "billed_quantity", lambda row: f"{float(row['billed_quantity']) * factor + plus:g}", share)


def _copy_rows(contract: str, kept: int):
    def inject(bid: Bid) -> None:
        rows = bid[contract]
        for n, row in enumerate(rows[kept:], start=kept):
            row.update({**deepcopy(rows[n % kept]), "ref": row["ref"]})

    return inject


def _exchange(text: str) -> str:
    year, month, day = text[:10].split("-")
    return f"{year}-{day}-{month}{text[10:]}" if int(day) <= 12 else text


def _exchange_visits(bid: Bid) -> None:
    for row in bid["visit/1"]:
        row.update({name: _exchange(text) for name, text in row.items() if name.endswith(("_start", "_end"))})


def _copy_plan(minutes: int):
    def inject(bid: Bid) -> None:
        for row in bid["visit/1"]:
            for end in ("start", "end"):
                row[f"stamped_{end}"] = write_moment(_read(row[f"planned_{end}"]) + timedelta(minutes=minutes))

    return inject


def _round_stamps(bid: Bid) -> None:
    for row in bid["visit/1"]:
        for name in ("stamped_start", "stamped_end"):
            moment = _read(row[name])
            quarter = timedelta(minutes=15 * round(moment.minute / 15 + (moment.second > 30) * 0.01))
            row[name] = write_moment(moment.replace(minute=0, second=0) + quarter)


def _put_in_two_homes(bid: Bid) -> None:
    rows = bid["visit/1"]
    for n in range(0, 80, 8):
        for name in [name for name in rows[n] if name.endswith(("_start", "_end"))]:
            rows[n + 1][name] = write_moment(_read(rows[n][name]) + timedelta(minutes=10))


def _fill_a_day(bid: Bid) -> None:
    """Let the visits of three days follow one another for eighteen hours."""
    for n, row in enumerate(bid["visit/1"][:24]):
        turn, day = n % 8, n // 8
        start = datetime(2026, 10, 1, 5) + timedelta(days=day, minutes=138 * turn)  # noqa: DTZ001  the clock on the wall
        end = start + timedelta(minutes=135)
        for kind, seconds in (("planned", 0), ("stamped", 20 + 9 * n), ("retained", 0)):
            row[f"{kind}_start"] = write_moment(start + timedelta(seconds=seconds))
            row[f"{kind}_end"] = write_moment(end - timedelta(seconds=seconds))
        row["billed_quantity"] = "2.25"


def _bill_twice(bid: Bid) -> None:
    lines = bid["invoice_line/1"]
    for n in range(10):
        lines[n + PERSONS].update({name: lines[n][name] for name in ("visit_ref", "quantity")})


_ALL = tuple(f"{kind}_{end}" for kind in ("planned", "stamped", "retained") for end in ("start", "end"))
FAULTS = {
    "stamps of another year": ("date_far", _shift(("stamped_start", "stamped_end"), 0.05, days=-730)),
    "invoices in 2062": ("date_far", _set("invoice/1", "issued_on", lambda _row: "2062-11-02", 0.1)),
    "births in the future": ("birth_absurd", _set("person/1", "birth_date", lambda _row: "2031-05-04", 0.1)),
    "births under Napoleon": ("birth_absurd", _set("person/1", "birth_date", lambda _row: "1812-05-04", 0.1)),
    "births on the first of January": (
        "birth_default",
        _set("person/1", "birth_date", lambda row: f"{row['birth_date'][:4]}-01-01", 0.6),
    ),
    "days and months of visits exchanged": ("day_and_month", _exchange_visits),
    "visits of a day and more": ("visit_long", _shift(("stamped_end",), 0.05, days=1)),
    "visits without any time": (
        "visit_empty",
        _set("visit/1", "stamped_end", lambda row: row["stamped_start"], 0.1),
    ),
    "stamps of another day": ("stamp_elsewhere", _shift(("stamped_start", "stamped_end"), 0.05, days=3)),
    "stamps that are the plan": ("stamp_made", _copy_plan(0)),
    "stamps that are the plan and two minutes": ("stamp_made", _copy_plan(2)),
    "stamps in quarters of an hour": ("stamp_round", _round_stamps),
    "stamps one hour off": ("zone_shifted", _shift(("stamped_start", "stamped_end"), hours=1)),
    "stamps two hours off": ("zone_shifted", _shift(("stamped_start", "stamped_end"), hours=-2)),
    "all times two hours early": ("hours_odd", _shift(_ALL, hours=-2)),
    "minutes billed as hours": ("quantity_times", _scale(60)),
    "hundredths billed as hours": ("quantity_times", _scale(100, share=0.1)),
    "a quarter of an hour on top": ("quantity_plus", _scale(1, 0.25)),
    "twice the time billed": ("quantity_other", _scale(2, share=0.1)),
    "names that are no names": ("placeholder", _set("person/1", "birth_name", lambda _row: "TEST", 0.05)),
    "texts cut at thirty signs": (
        "text_cut",
        _set("person/1", "access_notes", lambda row: row["access_notes"][:30]),
    ),
    "one telephone for all": (
        "value_shared",
        _set("person/1", "telecoms", lambda _row: [{"kind": "phone", "value": "+33534010203"}], 0.8),
    ),
    "postcodes of four digits": (
        "postcode_short",
        _set("person/1", "addresses", lambda row: [{**row["addresses"][0], "postcode": "9100"}], 0.5),
    ),
    "visits that are copies": ("copies", _copy_rows("visit/1", 40)),
    "persons that are copies": ("copies", _copy_rows("person/1", 20)),
    "professionals in two homes": ("two_homes", _put_in_two_homes),
    "lines about another person's visit": (
        "other_person",
        _set("invoice_line/1", "visit_ref", lambda row: f"s:visit:{(int(row['ref'][15:]) + 1) % VISITS}", 0.1),
    ),
    "visits of another person's plan": (
        "other_person",
        _set("visit/1", "plan_ref", lambda _row: "s:funded_plan:7", 0.1),
    ),
    "marks of a page": (
        "text_broken",
        _set("person/1", "access_notes", lambda row: f"<p>{row['access_notes']}</p>", 0.1),
    ),
    "numbers that are powers": (
        "text_broken",
        _set("visit/1", "comment", lambda _row: "1,23E+12", 0.05),
    ),
    "first names that are names": (
        "names_same",
        _set("person/1", "first_names", lambda row: row["birth_name"].upper(), 0.2),
    ),
    "days of eighteen hours": ("workday_long", _fill_a_day),
    "visits billed twice": ("billed_twice", _bill_twice),
    "visits to the dead": ("after_death", _set("person/1", "death_date", lambda _row: "2026-10-08", 0.1)),
    "visits after the plan": ("plan_ended", _set("funded_plan/1", "end_on", lambda _row: "2026-10-12", 0.3)),
}
"""By name: the rule that sees it, and what spoils a bid."""
UNREADABLE = {
    "accents of another encoding": (
        "decode.text.mojibake",
        _set("person/1", "access_notes", lambda _row: "Portail fermÃ©", 0.1),
    ),
    "errors of a spreadsheet": ("decode.cell.error", _set("person/1", "access_notes", lambda _row: "#REF!", 0.1)),
}
"""What a person sees at once and no record can be made of: the reason that its rows are refused for."""
