"""`docs/suppliers.md`: every connector in the box, the fields of the contracts it fills, the grade it earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.field_types import list_columns
from passerelle.extension.connector_ways import list_ways
from passerelle.extension.opaque_references import list_kept, list_openings
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.testing.surveying import FailedPlugin, examine_plugins
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.supplier import Connector

SUPPLIERS_PAGE = "suppliers.md"

_HEAD = """# Éditeurs et connecteurs

*In English: every connector in the box, its direction, its contracts with the part of their fields that it
fills, and its grade. This page is made from the code.*

Page produite à partir du code (`make pages`) ; ne pas la modifier à la main.

Les niveaux ne se déclarent pas, ils se calculent (`passerelle plugins check --all`) : **bronze**, la description
est saine et rien d'hostile ne la fait tomber ; **argent**, des échantillons montrent qu'elle lit ce qu'elle dit
lire ; **or**, elle réécrit ce qu'elle lit, et ses échantillons comme sa page n'oublient rien.

Le sens se déduit de ce que le connecteur déclare : « que l'éditeur importe » quand il dit ce que cet import demande,
« le document d'un échange » quand il écrit un message pour l'autre partie. Les mêmes colonnes se réécrivent depuis
toute description d'un fichier en texte, sans que personne les importe pour autant.

Références : celles que le connecteur déclare opaques (un numéro ou un jeton du fournisseur, qui ne dit rien de
personne) sortent **telles quelles**, sauf dans un flux de chiffres ; les autres peuvent contenir un nom, une date ou
une adresse, et sortent comme **poignées**, différentes pour chaque destinataire et chaque finalité.

| greffon | connecteur | sens | contrats (champs remplis) | références | niveau | ce qui manque au niveau suivant |
|---|---|---|---|---|---|---|
"""
_WAYS = {
    "read_file": "lit",
    "read_api": "lit (API)",
    "write_import": "écrit un fichier que l'éditeur importe",
    "write_exchange": "écrit le document d'un échange, pour qui est de l'autre côté",
    "write_same": "réécrit les mêmes colonnes (aucun import de l'éditeur n'est connu)",
    "write_api": "écrit par l'API de l'éditeur",
}
_GRADES = {"none": "aucun", "bronze": "bronze", "silver": "argent", "gold": "or"}


def write_suppliers_page(infos: Iterable[PluginInfo]) -> str:
    """Return the page. Examines every plugin, which takes seconds each."""
    lines = []
    for verdict in examine_plugins(list(infos)):
        name = f"{verdict.plugin.name} {verdict.plugin.version}"
        if isinstance(verdict, FailedPlugin):
            lines.append(f"| {name} | – | – | – | – | en panne | `{verdict.code}` |\n")
            continue
        counts = count_covered_fields(verdict.connector).items()
        cells = (
            name,
            f"`{verdict.connector.id}`<br>{verdict.connector.title}",
            format_directions(verdict.connector),
            "<br>".join(f"`{contract}` {filled}/{every}" for contract, (filled, every) in counts),
            format_references(verdict.connector, list_kept(verdict.supplier)),
            _GRADES[verdict.grade],
            ", ".join(f"`{result.check.name.removeprefix('test_')}`" for result in verdict.missing) or "–",
        )
        # a bar would end the cell of the table
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n")
    return _HEAD + "".join(lines)


def format_directions(connector: Connector) -> str:
    """Return in French what a connector reads and writes, and for whom."""
    return ", ".join(_WAYS[way] for way in list_ways(connector))


def format_references(connector: Connector, kept: frozenset[str]) -> str:
    """Return in French which references of a connector leave as they are, and which as handles."""
    openings = list_openings((connector,))
    ways = (
        ("telles quelles", [opening for opening in openings if opening in kept]),
        ("poignées", [opening for opening in openings if opening not in kept]),
    )
    entities = ((way, [opening.split(":")[1] for opening in some]) for way, some in ways if some)
    return "<br>".join(f"{way} : {', '.join(f'`{entity}`' for entity in some)}" for way, some in entities)


def count_covered_fields(connector: Connector) -> dict[str, tuple[int, int]]:
    """Return, by contract, how many fields a connector fills and how many there are."""
    filled: dict[str, set[str]] = {}
    for table in connector.tables:
        filled.setdefault(table.contract, set()).update(table.fields)
    return {
        # fields that the pipeline fills by itself are no merit of a connector
        name: (len(fields), len(set(list_columns(contracts.get(name))) - set(PIPELINE_FIELDS)))
        for name, fields in filled.items()
    }


def main() -> None:
    """Write the page of what is installed into the folder that is named."""
    import sys  # noqa: PLC0415  only this command needs them
    from pathlib import Path  # noqa: PLC0415  only the script needs it

    from passerelle.extension.loading import list_installed  # noqa: PLC0415  only the script needs it

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    write_whole(folder / SUPPLIERS_PAGE, write_suppliers_page(list_installed()), ANYBODY)


if __name__ == "__main__":
    main()
