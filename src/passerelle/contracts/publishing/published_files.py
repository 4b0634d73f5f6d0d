"""Files of the published form, one folder per contract and major version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.evolution.edition import EMISSION, READING, Edition, make_edition
from passerelle.contracts.publishing.dictionary import write_changes, write_dictionary, write_index
from passerelle.contracts.publishing.examples import iter_accepted, iter_doubtful, iter_refused
from passerelle.contracts.publishing.fill_in_templates import write_csv_template, write_xlsx_template
from passerelle.contracts.publishing.json_schema import Profile, write_schema
from passerelle.contracts.publishing.odcs import write_odcs
from passerelle.contracts.publishing.openapi import OfferedContract, write_openapi
from passerelle.contracts.publishing.release_matrix import MATRIX, write_matrix
from passerelle.contracts.publishing.yaml import write_yaml
from passerelle.vocabulary.safe_files import ANYBODY, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from passerelle.contracts.contract import Contract


def _encode_json(document: Any) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _encode_lines(documents: Iterable[Any]) -> bytes:
    written = (json.dumps(document, ensure_ascii=False, separators=(",", ":")) for document in documents)
    return "".join(f"{line}\n" for line in written).encode()


FILES: Mapping[str, Callable[[type[Contract]], bytes]] = {
    EMISSION: lambda contract: _encode_json(write_schema(contract, Profile.EMISSION)),
    READING: lambda contract: _encode_json(write_schema(contract, Profile.READING)),
    "odcs.yaml": lambda contract: write_yaml(write_odcs(contract)).encode(),
    "dictionnaire.md": lambda contract: write_dictionary(contract, "fr").encode(),
    "dictionary.md": lambda contract: write_dictionary(contract, "en").encode(),
    "modele.csv": write_csv_template,
    "modele.xlsx": write_xlsx_template,
    "accepted.jsonl": lambda contract: _encode_lines(iter_accepted(contract)),
    "doubtful.jsonl": lambda contract: _encode_lines(iter_doubtful(contract)),
    "refused.jsonl": lambda contract: _encode_lines(iter_refused(contract)),
    "CHANGES.md": lambda contract: write_changes(contract).encode(),
}
"""What is published of each contract, and how each file is made. The same model always gives the same bytes."""


def build_edition(contract: type[Contract]) -> Edition:
    """Return what this installation publishes of a contract, as an edition that can be compared."""
    emission, reading = (json.loads(FILES[name](contract)) for name in (EMISSION, READING))
    return make_edition(emission, reading, name=contract.about.family)


def build_files() -> dict[str, bytes]:
    """Return the content of every published file by its path below the folder of contracts."""
    contracts = catalogue()
    files = {
        "README.md": write_index(contracts.values()).encode(),
        "openapi.json": _encode_json(write_openapi(map(OfferedContract.of, contracts.values()))),
        MATRIX: write_matrix(),
    }
    for contract_id, contract in contracts.items():
        files |= {f"{contract_id}/{name}": make(contract) for name, make in FILES.items()}
    return files


def write_files(folder: Path) -> None:
    """Write every published file below a folder, over what is there."""
    for name, content in build_files().items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content, ANYBODY)
