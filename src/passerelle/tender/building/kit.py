"""The bidder's kit: contracts, templates, examples, requirements for programs, and how to measure oneself."""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle import nomenclatures
from passerelle.contracts.catalogue import get
from passerelle.contracts.publishing.published_files import FILES
from passerelle.documents.packing import pack
from passerelle.tender import bilingual_texts
from passerelle.tender import consultation as frozen
from passerelle.tender.building.example import write_samples
from passerelle.tender.scoring.examining import BidEntry, score_bid
from passerelle.tender.scoring.forms import text
from passerelle.tender.scoring.score_labels import speak_language
from passerelle.vocabulary.formatting import format_day, typeset
from passerelle.vocabulary.safe_files import write_new

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.tender.building.program import BidderProgram
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.order import TenderOrder

_SKIPPED = {"fr": ("dictionary.md",), "en": ("dictionnaire.md",)}
EXAMPLE = {"fr": "exemple", "en": "example"}
CONTRACTS = {"fr": "contrats", "en": "contracts"}
README = {"fr": "LISEZ-MOI.md", "en": "README.md"}
PROGRAM = {"fr": "programme", "en": "program"}
TOOL = {"fr": "outil/bin/passerelle", "en": "tool/bin/passerelle"}
EXPECTED = {"fr": "resultat-attendu.txt", "en": "expected-result.txt"}


def write(
    tender: Consultation, order: TenderOrder, answer_grid: Mapping[str, bytes], program: BidderProgram | None = None
) -> bytes:
    """Return the archive of the kit. Its example is scored by the tool itself, which gives the expected result.

    `answer_grid` is the grid, by its name; `program` what installs the tool without a network.
    """
    language = tender.language
    example = write_samples(order)
    expected = _score_example(tender, example)
    files = {
        README[language]: _write_readme(tender, expected, next(iter(answer_grid)), program).encode(),
        frozen.FILE: frozen.write(tender),
        "exigences.schema.json": (json.dumps(frozen.make_json_schema(), ensure_ascii=False, indent=2) + "\n").encode(),
        **answer_grid,
        EXPECTED[language]: expected.encode(),
        **{f"{EXAMPLE[language]}/{name}": content for name, content in example.items()},
    }
    if program:
        files |= {f"{PROGRAM[language]}/{name}": content for name, content in program.files.items()}
    for pinned in tender.contracts:
        contract = get(pinned.id)
        for name, make in FILES.items():
            # The dictionary of a contract comes in two languages; bidders get the one of the tender.
            if name not in _SKIPPED[language]:
                files[f"{CONTRACTS[language]}/{pinned.id}/{name}"] = make(contract)
    for name in tender.list_code_lists():
        files[f"codes/{name}.csv"] = _write_code_list(name)
    return pack(files)


def _score_example(tender: Consultation, example: Mapping[str, bytes]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        # Scored from files, as a bidder does: the same readers, the same digests.
        paths = [Path(folder) / name for name in sorted(example)]
        for path in paths:
            write_new(path, example[path.name])
        entry = BidEntry(samples=paths, command=f"passerelle score {EXAMPLE[tender.language]} --tender DOSSIER")
        scored = score_bid(tender, entry)
        try:
            with speak_language(tender.language):
                return text.write(scored.score) + "\n"
        finally:
            scored.close()


def _write_readme(tender: Consultation, expected: str, grid_name: str, program: BidderProgram | None) -> str:
    language = tender.language
    texts = bilingual_texts.load_texts("kit")[language]
    lines = typeset(texts["readme"])
    # With the program in it, the kit is all that one needs: two commands, and no network.
    command = "passerelle" if program is None else TOOL[language]
    installing = typeset(texts["installed" if program is None else "program"]).strip()
    first = "\n".join(expected.strip().split("\n\n")[1].splitlines()[:2])
    facts = {
        "title": tender.title,
        "buyer": tender.buyer,
        "id": tender.id,
        "date": format_day(tender.date, language),
        "digest": tender.rules_digest,
        "grid": grid_name,
        "version": version("passerelle-social"),
        "expected": EXPECTED[language],
        "command": f"{command} score {EXAMPLE[language]} --tender .",
        "own": f"{command} score {texts['own']} --tender .",
        "installing": installing.format(
            version=version("passerelle-social"),
            folder=PROGRAM[language],
            python=program.python if program else "",
            system=program.system if program else "",
        ),
        "first": first,
        "contracts": "\n".join(
            f"| `{one.id}` | {bilingual_texts.get_record_title(one.id).of(language)} | {one.version} | `{one.digest}` |"
            for one in tender.contracts
        ),
    }
    return lines.format(**facts)


def _write_code_list(name: str) -> bytes:
    listed = nomenclatures.get(name)
    # Semicolons and a byte-order mark: what French spreadsheets open without asking.
    rows = [("code", "libelle", "label", "parent")]
    rows += [
        (code, listed.get_label(code), listed.get_label(code, "en"), listed.get_parent(code)) for code in listed.codes
    ]
    lines = (
        ";".join('"' + one.replace('"', '""') + '"' if any(mark in one for mark in ';"\n\r') else one for one in row)
        for row in rows
    )
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")
