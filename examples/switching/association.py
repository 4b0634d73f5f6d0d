"""The invented association: persons and case files in one software, home visits in another, all drawn from a seed.

`python -m examples.switching.association --output FOLDER` writes two exports: `service-social.zip`, six tables as the
GAIA-like connector reads them, and `interventions.csv`, as Compani's.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FIRST = date(2023, 1, 2)
_DAYS = 728
_ENTRY = (2024, 12, 31, 0, 0, 0)
_NAMES = ("TREMEUR", "Le Goff", "DIALLO", "Martineau", "Nguyen", "Ébréard", "D'Arcy", "Kowalski", "Œuvrard", "Ben Saïd")
_ENDS = ("", "-Petit", " du Parc", "-Rault", " de Brest", "-Kerbrat", "-Moal", " du Roz", "-Corre", "-Salaün")
_FIRST_NAMES = ("Annick", "Ibrahima", "Paulette", "Armand", "Odile", "Rosa", "Yann", "Zoé", "Loïc", "Maël", "Inès")
_TOWNS = (("29000", "QUIMPER"), ("29200", "BREST"), ("29600", "MORLAIX"), ("29900", "CONCARNEAU"))
_PLACES = ("Agence de Quimper", "Domicile", "Maison des solidarités", "Agence de Brest")
_STORY = (
    "Souhaite reprendre à temps partiel.",
    "Craint le port de charges ; médecin du travail consulté.",
    "Logement humide, bailleur relancé.",
    "Ressources en baisse depuis l'arrêt : dossier d'aide à préparer.",
    "Famille présente et disponible.",
    "À revoir dans un mois.",
)
_HEADS = {
    "personnes": "ID_PERS NIR NUM_CAF CIV NOM_NAISS NOM_USAGE PRENOMS DT_NAISS SEXE ETAT SIT_FAM SIT_PRO NB_ENF RQTH "
    "TEL MEL ADR1 ADR2 CP VILLE DT_MAJ",
    "dossiers": "NUM_DOSSIER ID_PERS AXE RISQUE ORIGINE DT_OUV DT_CLO MOTIF_CLO STATUT AGENT UNITE SYNTHESE DT_MAJ",
    "entretiens": "NUM_ENT NUM_DOSSIER ID_PERS AGENT DT_ENT HEURE DUREE MODE LIEU MOTIF ETAT SUITE PREMIER NOTE "
    "NOTE_PRIVEE DT_MAJ",
    "besoins": "NUM_BESOIN NUM_DOSSIER ID_PERS THEME LIBELLE PRIORITE DT_BESOIN ETAT DT_MAJ",
    "actions": "NUM_ACTION NUM_DOSSIER ID_PERS NUM_BESOIN AGENT TYPE LIBELLE DT_DEB DT_FIN DT_ECH ETAT NOTE DT_MAJ",
    "orientations": "NUM_ORIENT NUM_DOSSIER ID_PERS NUM_BESOIN AGENT TYPE ORGANISME DT_ORIENT ETAT RESULTAT DT_MAJ",
}
_VISIT_HEAD = (
    "Type;Heure interne;Service;Début planifié;Début horodaté;Type d'horodatage;Motif;Fin planifiée;Fin horodatée;"
    "Type d'horodatage;Motif;Durée;Répétition;Déplacement véhiculé avec bénéficiaire;Mode de transport spécifique;"
    "Équipe;Id Auxiliaire;Auxiliaire - Titre;Auxiliaire - Prénom;Auxiliaire - Nom;A affecter;Id Bénéficiaire;"
    "Bénéficiaire - Titre;Bénéficiaire - Nom;Bénéficiaire - Prénom;Divers;Facturé;Annulé;Statut de l'annulation;"
    "Raison de l'annulation"
)
Row = dict[str, str]


@dataclass(slots=True)
class Association:
    """Everything it holds, as rows of its two softwares' exports."""

    persons: int
    visits: int
    seed: int
    months: int
    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in _HEADS})
    rounds: list[list[str]] = field(default_factory=list)
    """Rows of the interventions export."""


def invent(persons: int = 400, visits: int = 30_000, months: int = 24, seed: int = 2024) -> Association:
    """Draw an association whose visits go over so many months: the same figures and seed always give the same one."""
    chance = random.Random(seed)  # noqa: S311  invented data, no secret
    made = Association(persons, visits, seed, months)
    for number in range(persons):
        person = _person(number, chance)
        made.tables["personnes"].append(person)
        _case(made, person["ID_PERS"], number, chance)
    made.rounds = list(_visits(made, chance))
    return made


def write(made: Association, folder: Path) -> None:
    """Write both exports, byte for byte the same for the same association."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "service-social.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in made.tables.items():
            text = _table(
                _HEADS[name].split(), ([row.get(head) or "NULL" for head in _HEADS[name].split()] for row in rows)
            )
            archive.writestr(zipfile.ZipInfo(f"{name}_20241231.csv", _ENTRY), text.encode("cp1252"))
    text = _table(_VISIT_HEAD.split(";"), made.rounds)
    (folder / "interventions.csv").write_bytes(text.encode("utf-8-sig"))


def _table(head: Sequence[str], rows: Iterator[list[str]] | list[list[str]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return target.getvalue()


def _day(chance: random.Random, *, within: int = _DAYS) -> date:
    return _FIRST + timedelta(days=chance.randrange(within))


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _name(number: int) -> str:
    return _NAMES[number % len(_NAMES)] + _ENDS[number // len(_NAMES) % len(_ENDS)]


def _person(number: int, chance: random.Random) -> Row:
    """Draw a person; one in twenty bears the name of the one before, born another day."""
    twin = number % 20 == 19
    named = number - 1 if twin else number
    woman = named % 3 != 0
    born = date(1931 + named % 60, 1 + named % 12, 1 + named % 28)
    born += timedelta(days=400) if twin else timedelta(0)
    nir = f"{2 if woman else 1}{born:%y%m}99{number % 990 + 1:03d}{number // 990 + 100:03d}"
    postcode, town = chance.choice(_TOWNS)
    return {
        "ID_PERS": f"P{1000 + number}",
        "NIR": f"{nir}{97 - int(nir) % 97:02d}" if number % 4 else "",
        "NUM_CAF": f"{3_050_000 + number}",
        "CIV": "2" if woman else "1",
        "NOM_NAISS": _name(named),
        "NOM_USAGE": _name(named + 37) if woman and named % 2 else _name(named),
        "PRENOMS": _FIRST_NAMES[named % len(_FIRST_NAMES)],
        "DT_NAISS": _written(born),
        "SEXE": "2" if woman else "1",
        "ETAT": "A",
        "SIT_FAM": chance.choice(("CEL", "MAR", "DIV", "VEU", "CON")),
        "SIT_PRO": chance.choice(("ACT", "ARR", "CHO", "INV", "RET")),
        "NB_ENF": str(chance.randrange(4)),
        "RQTH": chance.choice(("O", "N", "")),
        "TEL": f"06{number:08d}",
        "MEL": f"p{number}@exemple.invalid" if number % 3 else "",
        "ADR1": f"{1 + number % 90} rue des Écoles",
        "CP": postcode,
        "VILLE": town,
        "DT_MAJ": "31/12/2024",
    }


def _case(made: Association, person: str, number: int, chance: random.Random) -> None:
    """Draw a case file with its interviews, needs, actions and referrals."""
    opened, agent = _day(chance, within=_DAYS - 120), f"AS{1 + number % 12:02d}"
    case = {"NUM_DOSSIER": f"D{2023 + number % 2}-{number:04d}", "ID_PERS": person, "DT_MAJ": "31/12/2024"}
    closed = number % 5 == 0
    made.tables["dossiers"].append(
        case
        | {
            "AXE": chance.choice(("PDP", "SPS")),
            "RISQUE": chance.choice(("M", "I", "AT")),
            "ORIGINE": chance.choice(("CPAM", "PART", "DIR")),
            "DT_OUV": _written(opened),
            "DT_CLO": _written(opened + timedelta(days=100)) if closed else "",
            "MOTIF_CLO": chance.choice(("OBJ", "REL")) if closed else "",
            "STATUT": "C" if closed else "O",
            "AGENT": agent,
            "UNITE": f"U{29 + number % 2}",
            "SYNTHESE": " ".join(chance.sample(_STORY, 2)),
        }
    )
    for nth in range(6):
        made.tables["entretiens"].append(case | _interview(f"E{number:04d}{nth}", opened, agent, nth, chance))
    need = f"B{number:04d}"
    made.tables["besoins"].append(case | _need(need, opened, chance))
    _plans(made, case | {"NUM_BESOIN": need, "AGENT": agent}, number, opened, chance)


def _interview(ident: str, opened: date, agent: str, nth: int, chance: random.Random) -> Row:
    return {
        "NUM_ENT": ident,
        "AGENT": agent,
        "DT_ENT": _written(opened + timedelta(days=17 * nth)),
        "HEURE": f"{9 + chance.randrange(8):02d}:{chance.choice((5, 20, 35, 50)):02d}" if nth % 3 else "",
        "DUREE": f"00:{chance.choice((17, 23, 38, 47, 52)):02d}",
        "MODE": chance.choice(("BUR", "TEL", "DOM", "VIS")),
        "LIEU": chance.choice(_PLACES),
        "MOTIF": chance.choice(("REP", "RES", "SOI", "LOG")),
        "ETAT": "R",
        "SUITE": chance.choice(("SUI", "ORI")),
        "PREMIER": "N" if nth else "O",
        "NOTE": f"Entretien {nth + 1}. " + " ".join(chance.sample(_STORY, 3)),
        "NOTE_PRIVEE": "Fatigue ; à revoir." if nth == 1 else "",
    }


def _need(ident: str, opened: date, chance: random.Random) -> Row:
    return {
        "NUM_BESOIN": ident,
        "THEME": chance.choice(("EMP", "FIN", "SAN", "LOG", "ADM")),
        "LIBELLE": f"Besoin {ident} : " + chance.choice(_STORY),
        "PRIORITE": chance.choice(("1", "2", "3")),
        "DT_BESOIN": _written(opened + timedelta(days=3)),
        "ETAT": "E",
    }


def _plans(made: Association, about: Mapping[str, str], number: int, opened: date, chance: random.Random) -> None:
    for nth in range(1 + number % 2):
        action = {
            "NUM_ACTION": f"A{number:04d}{nth}",
            "TYPE": chance.choice(("ESSAI", "BILAN", "DAF", "C2S")),
            "LIBELLE": f"Démarche {number}-{nth} auprès de l'employeur",
            "DT_DEB": _written(opened + timedelta(days=10 + nth)),
            "DT_FIN": "",
            "DT_ECH": _written(opened + timedelta(days=90)),
            "ETAT": chance.choice(("E", "T")),
            "NOTE": chance.choice(_STORY),
        }
        made.tables["actions"].append({**about, **action})
    if number % 2:
        referral = {
            "NUM_ORIENT": f"O{number:04d}",
            "TYPE": chance.choice(("EMP", "LOG", "SOC")),
            "ORGANISME": chance.choice(("Cap emploi", "Service logement de la ville", "Mission locale")),
            "DT_ORIENT": _written(opened + timedelta(days=20)),
            "ETAT": "E",
            "RESULTAT": "ATT",
        }
        made.tables["orientations"].append({**about, **referral})


def _visits(made: Association, chance: random.Random) -> Iterator[list[str]]:
    """Draw visits: an auxiliary is at one person's home at a time, so that no two visits are the same."""
    for number in range(made.visits):
        day = _FIRST + timedelta(days=number * made.months * _DAYS // 24 // made.visits)
        slot = number % 11
        start = datetime(day.year, day.month, day.day, 7 + slot, 15 * chance.randrange(3))  # noqa: DTZ001  local
        length = chance.choice((30, 45, 60, 90))
        yield _visit(made, number, start, length, chance)


def _visit(made: Association, number: int, start: datetime, length: int, chance: random.Random) -> list[str]:
    end = start + timedelta(minutes=length)
    came = start + timedelta(seconds=chance.randrange(61, 400))
    went = end + timedelta(seconds=chance.randrange(61, 400))
    person, auxiliary = (number * 7) % made.persons, (number // 11) % 40
    planned = number % 97 == 96
    stamps = [f"{moment:%Y/%m/%d %H:%M:%S}" for moment in (start, came, end, went)]
    if planned:
        stamps[1] = stamps[3] = ""
    how = "" if planned else "QR Code"
    service = ("Aide au lever", "Courses", "Entretien du logement", "Repas")[number % 4]
    return [
        *("Intervention", "", service, stamps[0], stamps[1], how, "", stamps[2], stamps[3], how, ""),
        *(
            f"{length / 60:.2f}".replace(".", ","),
            "Jamais",
            f"{chance.randrange(3, 30)},{chance.choice((4, 7))}",
            "Aucun",
        ),
        *(f"Équipe {'Nord' if number % 2 else 'Sud'}", f"{0x66F0A1D2C3B4A59687760000 + auxiliary:x}", "Mme"),
        *("Odile", f"Auxiliaire {auxiliary}", "Non", f"{0x66F0B1D2C3B4A59687760000 + person:x}", "Mme"),
        *(
            _name(person),
            _FIRST_NAMES[person % len(_FIRST_NAMES)],
            _remark(number),
            *_closing(planned=planned, number=number),
        ),
    ]


def _remark(number: int) -> str:
    if number % 9:
        return ""
    return f"Passage {number} : repas préparé, moral bon ; la boîte aux lettres est à vider demain."


def _closing(*, planned: bool, number: int) -> tuple[str, str, str, str]:
    billed = "Non" if planned or number % 13 == 0 else "Oui"
    return billed, "Non", "", ""


def main() -> None:
    """Write the exports of one association."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--persons", type=int, default=400)
    parser.add_argument("--visits", type=int, default=30_000)
    parser.add_argument("--months", type=int, default=24, help="over which the visits go")
    parser.add_argument("--seed", type=int, default=2024)
    given = parser.parse_args()
    write(invent(given.persons, given.visits, given.months, given.seed), given.output)


if __name__ == "__main__":
    main()
