"""An invented old software whose exports hold more than contracts do, and a new one with no place for it: in TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle.extension.loading import describe_file, load_plugins
from passerelle.switching.side import Side, make_file_export

if TYPE_CHECKING:
    from pathlib import Path

    from passerelle.extension.plugins import Plugins

_OLD = """
id = "vieux"
title = "Ancien logiciel"

[connector.vieux-personnes]
title = "Personnes"

[connector.vieux-personnes.dialect]
kind = "csv"

[connector.vieux-personnes.table.personnes]
contract = "person/1"
waived = { "Âge calculé" = "se déduit de la date de naissance" }
carried = ["Casier"]

[connector.vieux-personnes.table.personnes.fields]
ref = { kind = "ref", column = "N°", entity = "person" }
usual_name = { kind = "text", column = "Nom" }
birth_date = { kind = "date", column = "Né le" }

[connector.vieux-personnes.out_of_scope.essais]
fr = "fiches d'essai"
en = "trial records"
where = [{ column = "Type", values = ["essai"] }]
"""
_NEW = """
id = "neuf"
title = "Nouveau logiciel"

[connector.neuf-personnes]
title = "Personnes"

[connector.neuf-personnes.dialect]
kind = "csv"

[connector.neuf-personnes.table.personnes]
contract = "person/1"

[connector.neuf-personnes.table.personnes.fields]
ref = { kind = "ref", column = "Numéro", entity = "person" }
usual_name = { kind = "text", column = "Nom de famille" }
birth_date = { kind = "date", column = "Naissance" }
"""
OLD_ROWS = (
    "N°;Nom;Né le;Type;Âge calculé;Casier;Couleur du dossier",
    "1;Nom1;02/03/1940;usager;84;A1;vert",
    "2;Nom2;04/05/1941;usager;83;A2;",
    "3;Nom3;06/07/1942;usager;;;bleu",
    "9;Essai;01/01/1950;essai;74;Z9;rouge",
)
NEW_ROWS = ("Numéro;Nom de famille;Naissance", "1;Nom1;02/03/1940", "2;Nom2;04/05/1941", "3;Nom3;06/07/1942")


def describe_both(folder: Path) -> Plugins:
    """Describe both softwares beside one another."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("vieux", _OLD), ("neuf", _NEW)):
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return load_plugins(among=(), local=tuple(describe_file(folder / f"{name}.toml") for name in ("vieux", "neuf")))


def make_both_sides(folder: Path, plugins: Plugins) -> tuple[Side, Side]:
    """Write what both softwares export, and give their sides."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("vieux.csv", OLD_ROWS), ("neuf.csv", NEW_ROWS)):
        (folder / name).write_text("\n".join(rows) + "\n", "utf-8")
    return (
        Side("ancien", (make_file_export("vieux-personnes", [folder / "vieux.csv"], plugins),)),
        Side("nouveau", (make_file_export("neuf-personnes", [folder / "neuf.csv"], plugins),)),
    )
