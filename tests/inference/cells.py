"""Invented cells: everybody and everything in them is made up, from a seed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Row = dict[str, Any]

FIRST = [
    "Jeanne",
    "Odette",
    "René",
    "Marcel",
    "Huguette",
    "Zoé",
    "Lucien",
    "Simone",
    "Élise",
    "Paul-Henri",
    "Yvonne",
    "Gérard",
    "Nadia",
    "Karim",
    "Loïc",
]
LAST = [
    "MARTIN",
    "LE GOFF",
    "DUBOIS",
    "LEFÈVRE",
    "N'DIAYE",
    "ROUX",
    "FAURE",
    "GIRARD",
    "DA SILVA",
    "BERNARD",
    "MOREAU",
    "PETIT",
    "ROBIN",
    "HAMIDI",
]
CITIES = [("75011", "PARIS"), ("44000", "NANTES"), ("29200", "BREST"), ("69003", "LYON"), ("56100", "LORIENT")]
STREETS = ["12 rue des Lilas", "3 bis place du Marché", "8 allée du Lavoir", "27 avenue Jean Moulin", "Le Bourg"]
TEXTS = [
    "Prévoir les courses, passer à la pharmacie avant midi.",
    "A signalé une chute dans la cuisine, famille prévenue.",
    "Souhaite changer l'heure du passage.",
    "Absente au premier appel, rappelée l'après-midi.",
    "Dossier complet, en attente de la réponse de la caisse.",
]


def begin_row(random: Random, number: int) -> Row:
    """What the cells of one row share: a person, a helper, a day, a start and an end."""
    city = random.choice(CITIES)
    return {
        "n": number,
        "who": (random.choice(LAST), random.choice(FIRST), random.choice(["M.", "Mme"])),
        "by": (random.choice(LAST), random.choice(FIRST), random.choice(["M.", "Mme"])),
        "day": date(2024, 2, 1) + timedelta(random.randrange(60)),
        "start": random.randrange(28, 72) * 15,
        "minutes": random.choice([30, 45, 60, 90, 120]),
        "city": city,
        "hours": random.choice([1.0, 1.5, 2.0, 7.25, 12.5]),
        "ht": random.choice([87.0, 312.4, 1234.56, 45.1]),
    }


def _clock(minutes: int, form: str) -> str:
    hour, minute = divmod(minutes, 60)
    return form.format(h=hour % 24, m=minute)


def _strip(text: str, form: str) -> str:
    return text.lstrip("0") if form.startswith("%-") else text


def _day(when: date | datetime, form: str) -> str:
    return _strip(when.strftime(form.replace("%-", "%")), form)


def _euro(amount: float, form: str) -> str:
    text = f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",")
    return text + " €" if form == "€" else text.replace("\u00a0", "") if form == "bare" else text


def _person(row: Row, which: str, form: str) -> str:
    last, first, title = row[which]
    return form.format(last=last, first=first, title=title)


def _moment(row: Row, form: str, added: int = 0) -> str:
    midnight = datetime.combine(row["day"], time.min)
    at = midnight + timedelta(minutes=row["start"] + added)
    return _day(at, form)


MAKERS: dict[str, Callable[[Random, Row, str], str]] = {
    "seq": lambda _r, row, a: f"{a}{row['n'] + 1041}",
    "code": lambda r, _row, a: f"{a}{r.randrange(1, 12):03}",
    "const": lambda _r, _row, a: a,
    "who": lambda _r, row, a: _person(row, "who", a),
    "by": lambda _r, row, a: _person(row, "by", a),
    "words": lambda r, _row, a: r.choice(a.split(",")),
    "day": lambda _r, row, a: _day(row["day"], a),
    "later": lambda r, row, a: _day(row["day"] + timedelta(r.randrange(1, 25)), a),
    "birth": lambda r, _row, a: _day(date(1928, 1, 1) + timedelta(r.randrange(12000)), a),
    "start": lambda _r, row, a: _clock(row["start"], a or "{h:02}:{m:02}"),
    "end": lambda _r, row, a: _clock(row["start"] + row["minutes"], a or "{h:02}:{m:02}"),
    "night": lambda r, row, a: _clock(row["start"] + 12 * 60 + r.randrange(90), a or "{h:02}:{m:02}"),
    "at": lambda _r, row, a: _moment(row, a),
    "until": lambda _r, row, a: _moment(row, a, row["minutes"]),
    "during": lambda _r, row, a: _clock(row["minutes"], a or "{h}h{m:02}"),
    "minutes": lambda _r, row, _a: str(row["minutes"]),
    "hours": lambda _r, row, _a: str(row["hours"]).replace(".", ","),
    "euro": lambda r, row, a: _euro(row["ht"] * r.choice([1, 1.1]), a),
    "int": lambda r, _row, a: str(r.randrange(*map(int, a.split(",")))),
    "phone": lambda r, _row, a: a + "".join(f" {r.randrange(10, 99)}" for _ in range(4)),
    "numphone": lambda r, _row, a: f"{a}{r.randrange(10_000_000, 99_999_999)}",
    "mail": lambda _r, row, a: f"{a}{row['n']}@example.org",
    "street": lambda r, _row, _a: r.choice(STREETS),
    "cp": lambda _r, row, _a: row["city"][0],
    "city": lambda _r, row, _a: row["city"][1],
    "cpcity": lambda _r, row, _a: " ".join(row["city"]),
    "text": lambda r, _row, _a: r.choice(TEXTS),
    "yn": lambda r, _row, a: r.choice(a.split(",")),
    "empty": lambda _r, _row, _a: "",
}
