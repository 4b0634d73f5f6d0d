"""The job: a télégestion export of sixteen columns, made from a seed, with one bad row in a hundred of every kind."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = (
    "Numéro", "Bénéficiaire", "NIR", "SIRET", "Intervenant", "Équipe", "Date", "Début prévu", "Fin prévue",
    "Début réel", "Fin réelle", "Prestation", "État", "Heures", "Facturé", "Observation",
)  # fmt: skip
SERVICES = {
    "Aide à la toilette": "TOI",
    "Aide au repas": "REP",
    "Entretien du logement": "ENT",
    "Accompagnement à l'extérieur": "ACC",
    "Présence de nuit": "NUI",
}
STATES = {"Réalisée": "done", "Annulée": "cancelled", "Absence": "missed", "En cours": "in_progress"}
NOTES = (
    "", "", "", "", "Tout s'est bien passé", "A refusé la douche", '"Clé sous le pot; sonner deux fois"',
    '"Dit ""merci"" à chaque fois"', "Médecin prévenu à midi",
)  # fmt: skip
PIECE = 100_000
_FIRST = date(2023, 1, 1)
_DAYS = [_FIRST + timedelta(days=place) for place in range(3 * 365)]
_SKIPPED = {"30/03/2025"}


def write(path: Path, rows: int, *, bad: float = 0.01, seed: int = 20) -> None:
    """Write so many rows, a share of them bad. The same arguments give the same bytes."""
    people, houses = _people(seed), _houses(seed)
    with path.open("wb") as stream:
        stream.write((";".join(HEADER) + "\r\n").encode("cp1252"))
        for start in range(0, rows, PIECE):
            count = min(PIECE, rows - start)
            lines = _lines(start, count, people, houses, seed)
            _spoil(lines, random.Random(f"{seed}/{start}"), bad)
            stream.write(("\r\n".join(lines) + "\r\n").encode("cp1252"))


def write_wide(path: Path, rows: int, columns: int, *, seed: int = 20) -> None:
    """Write a few rows, with so many columns beside those of the job that nobody has described."""
    chance = random.Random(f"wide/{seed}")
    lines = _lines(0, rows, _people(seed), _houses(seed), seed)
    names = (f"Colonne {nth}" for nth in range(columns))
    with path.open("wb") as stream:
        stream.write((";".join((*HEADER, *names)) + "\r\n").encode("cp1252"))
        for line in lines:
            cells = (chance.choice(("", f"{chance.randrange(10**6)}", "Oui", "12/03/2025")) for _nth in range(columns))
            stream.write((";".join((line, *cells)) + "\r\n").encode("cp1252"))


def _people(seed: int) -> list[str]:
    """Make NIR with their key; nobody's."""
    chance = random.Random(f"people/{seed}")
    bodies = [
        f"{chance.choice('12')}{chance.randrange(20, 60):02d}{chance.randrange(1, 13):02d}"
        f"{chance.randrange(1, 20):02d}{chance.randrange(1, 990):03d}{chance.randrange(1, 999):03d}"
        for _nth in range(5000)
    ]
    return [f"{body}{97 - int(body) % 97:02d}" for body in bodies]


def _houses(seed: int) -> list[str]:
    """Make SIRET of which SIREN and SIRET both satisfy Luhn."""
    chance = random.Random(f"houses/{seed}")
    return [_luhn(_luhn(f"{chance.randrange(10**7, 10**8)}") + f"{chance.randrange(1, 9999):04d}") for _ in range(40)]


def _luhn(digits: str) -> str:
    doubled = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-doubled % 10}"


def _lines(start: int, count: int, people: list[str], houses: list[str], seed: int) -> list[str]:
    chance = np.random.default_rng([seed, start])
    who = chance.integers(0, len(people), count)
    begin = chance.integers(6 * 60, 20 * 60, count) // 5 * 5
    length = chance.integers(2, 13, count) * 15
    late, over = chance.integers(-5, 10, count), chance.integers(-5, 10, count)
    days = [day.strftime("%d/%m/%Y") for day in _DAYS]

    def among(words: list[str], places: np.ndarray) -> pl.Series:
        return pl.Series(words).gather(places)

    def clock(minutes: np.ndarray) -> pl.Series:
        return among([f"{place // 60:02d}:{place % 60:02d}" for place in range(24 * 60)], minutes)

    hours = [str(quarter / 4).replace(".", ",").removesuffix(",0") for quarter in range(14)]
    cells = (
        pl.Series(np.arange(start + 1, start + count + 1)).cast(pl.String),
        pl.Series(who).cast(pl.String).str.zfill(6),
        among(people, who),
        among(houses, chance.integers(0, len(houses), count)),
        pl.Series(chance.integers(1, 900, count)).cast(pl.String),
        among(
            [f"Secteur {place}" for place in ("Nord", "Sud", "Est", "Ouest", "Crêtes")], chance.integers(0, 5, count)
        ),
        among(days, chance.integers(0, len(days), count)),
        clock(begin),
        clock(begin + length),
        clock(begin + late),
        clock(begin + length + over),
        among(list(SERVICES), chance.integers(0, len(SERVICES), count)),
        among(["Réalisée"] * 20 + list(STATES), chance.integers(0, 24, count)),
        among(hours, length // 15),
        among(["Oui", "Non"], chance.integers(0, 2, count)),
        among(list(NOTES), chance.integers(0, len(NOTES), count)),
    )
    return pl.select(pl.concat_str([pl.lit(cell) for cell in cells], separator=";")).to_series().to_list()


def _spoil(lines: list[str], chance: random.Random, share: float) -> None:
    for place in sorted(chance.sample(range(len(lines)), round(len(lines) * share))):
        lines[place] = chance.choice(SPOILED)(lines[place])


def _cell(nth: int, word: str | Callable[[str], str]) -> Callable[[str], str]:
    """Make what spoils one cell; the last cell alone may hold a separator."""

    def spoil(line: str) -> str:
        cells = line.split(";", len(HEADER) - 1)
        cells[nth] = word if isinstance(word, str) else word(cells[nth])
        return ";".join(cells)

    return spoil


def _clock_change(line: str) -> str:
    return _cell(6, "30/03/2025")(_cell(7, "02:30")(_cell(8, "04:00")(line)))


def _mistyped(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


SPOILED: tuple[Callable[[str], str], ...] = (
    _cell(6, "31/02/2025"),
    _cell(6, "2025-13-01"),
    _cell(7, "25:10"),
    _clock_change,
    _cell(1, ""),
    _cell(12, "Reportée"),
    _cell(13, "1,5 h"),
    _cell(14, "Peut-être"),
    _cell(2, _mistyped),
    _cell(3, _mistyped),
    _cell(8, "00:05"),
    lambda line: line.rsplit(";", 1)[0] if '"' not in line else _cell(1, "")(line),
    lambda line: f"{line};de trop",
)
"""Each makes a bad row of one kind out of a good one."""
