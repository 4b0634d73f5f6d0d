"""`passerelle plugins new`: a plugin to start from, made from the shape of a file, that passes its own tests."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.plugins.infer import contract_option, propose_fields
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, translate_plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.inferring.plugin_names import PluginNames
    from passerelle.extension.inferring.proposal import Proposal
    from passerelle.extension.inferring.scaffolding import SampleVerdict
    from passerelle.extension.supplier import Supplier


@translated_click.command(
    "new",
    help=N_(
        "Make a plugin from a sample file: description, code tables, invented samples, test and page. It installs and "
        "passes its own tests as it is; what a person must decide is marked «À DÉCIDER». Of the file, only names of "
        "columns and words of its code lists are copied."
    ),
    examples=(
        ("plugins new agenda-clair --from export.csv --contract appointment/1", N_("described in TOML")),
        ("plugins new agenda-clair --from export.csv --as python", N_("described in Python")),
    ),
)
@translated_click.argument("name", metavar=N_("NAME"), help=N_("What the supplier's software is called."))
@translated_click.option(
    "--from",
    "file",
    type=translated_click.File(exists=True),
    required=True,
    metavar=N_("FILE"),
    help=N_("The supplier's file, as received."),
)
@contract_option
@translated_click.option(
    "--as",
    "style",
    type=click.Choice(["toml", "python"]),
    default="toml",
    show_default=True,
    help=N_("How the supplier is described."),
)
@translated_click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar=N_("FOLDER"),
    help=N_("Where to make it; by default a folder of the plugin's name, here."),
)
@answer_format
@pass_invocation
def new(invocation: Invocation, name: str, file: Path, contract: str | None, style: str, output: Path | None) -> Exit:
    """Make a plugin."""
    from passerelle.extension.inferring.plugin_names import make_names  # noqa: PLC0415  kept out of start-up

    proposal = propose_fields(file, contract)
    if proposal.missing:
        raise UsageError(
            "usage.sample.unfit", file=file.name, contract=proposal.contract, fields=", ".join(proposal.missing)
        )
    names = make_names(name, proposal)
    folder = output or Path(names.id.replace("-", "_"))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("usage.file.exists", file=folder.name)
    files = make_plugin(proposal, names, style)
    _write_files(folder, files)
    content = {
        "folder": str(folder),
        "plugin": names.id,
        "connector": names.connector,
        "contract": proposal.contract,
        "files": sorted(files),
        "fields": len(proposal.choices),
        "carried": len(proposal.carried),
        "questions": proposal.questions,
    }
    count = proposal.questions
    lines = (
        _("{folder}: {fields} fields of {contract} proposed, connector {connector}").format(
            folder=folder, fields=len(proposal.choices), contract=proposal.contract, connector=names.connector
        ),
        translate_plural(
            "{count} point to decide: look for «À DÉCIDER».", "{count} points to decide: look for «À DÉCIDER».", count
        ).format(count=count),
        _("Next: pip install -e {folder}, then passerelle plugins check {plugin}").format(
            folder=folder, plugin=names.id
        ),
    )
    invocation.answer("plugins.new", content, lambda: "\n".join(lines))
    return Exit.SETTLED


def make_plugin(proposal: Proposal, names: PluginNames, style: str) -> dict[str, bytes]:
    """Return every file of the plugin, by path. The invented samples are tried on what was proposed."""
    from passerelle.extension.inferring import scaffolding  # noqa: PLC0415  kept out of start-up
    from passerelle.extension.toml_suppliers import read_supplier  # noqa: PLC0415  kept out of start-up

    # tried as TOML whatever style will be written: both forms give the same objects
    with TemporaryDirectory() as private:
        place = Path(private)
        described = scaffolding.write_description(proposal, names)
        _write_files(place, {path: text.encode() for path, text in described.items()})
        supplier = read_supplier(place / scaffolding.DESCRIPTION, place)
    trial = _SampleTrial(supplier)
    samples = {f"samples/{name}": content for name, content in scaffolding.write_samples(proposal, trial.judge).items()}
    # after the samples: the grade that the plugin's own test claims depends on what became of them
    texts = scaffolding.write_project(proposal, names, style=style, grade="silver" if trial.clean else "bronze")
    return {**{path: text.encode() for path, text in texts.items()}, **samples}


class _SampleTrial:
    """Takes samples down the path, as the conformance suite does."""

    def __init__(self, supplier: Supplier) -> None:
        self._supplier = supplier
        self._connector = supplier.connectors[0]
        self.clean = False
        """Whether some sample was accepted whole, without a word."""

    def judge(self, content: bytes) -> SampleVerdict:
        """Return what comes of a sample, row by row."""
        from passerelle.extension.inferring.scaffolding import SampleVerdict  # noqa: PLC0415  kept out of start-up
        from passerelle.testing.samples import take  # noqa: PLC0415  kept out of start-up

        taken = take(content, self._supplier, self._connector)
        rows: dict[int, tuple[str, ...]] = {line["line"]: () for line in taken.records}
        for line in taken.messages:
            rows[line["line"]] = (*rows.get(line["line"], ()), line["reason"])
        self.clean |= bool(rows) and not any(rows.values())
        lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in [*taken.records, *taken.messages]]
        return SampleVerdict(tuple(rows[number] for number in sorted(rows)), "".join(lines))


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    with refuse_unreadable(folder):
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
