"""`passerelle plugins new`: a plugin to start from, made from the shape of a file, that passes its own tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.files import refuse_unreadable
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.plugins.infer import contract_option, propose_fields
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _, translate_plural
from passerelle.vocabulary.safe_files import ANYBODY, write_whole
from passerelle.vocabulary.suggestions import join_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.extension.inferring.plugin_names import PluginNames
    from passerelle.extension.inferring.proposal import Proposal
    from passerelle.extension.inferring.scaffolding import SampleVerdict
    from passerelle.extension.supplier import Supplier
    from passerelle.faces.cli.plugins.trial import FileTrial


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
    from passerelle.faces.cli.plugins.trial import describe_for_trial, try_on_file  # noqa: PLC0415  the same

    proposal = propose_fields(file, contract)
    _refuse_unfit(proposal, file)
    names = make_names(name, proposal)
    folder = output or Path(names.id.replace("-", "_"))
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("usage.file.exists", file=folder.name)
    trial = try_on_file(file, describe_for_trial(proposal, names))
    files = make_plugin(proposal, names, style, trial)
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
        "grade": "silver" if b'grade="silver"' in files["tests/test_conformance.py"] else "bronze",
        "file": trial.to_content(),
    }
    invocation.answer("plugins.new", content, lambda: "\n".join(_format_lines(content, trial)))
    return Exit.SETTLED


def _format_lines(content: Mapping[str, Any], trial: FileTrial) -> list[str]:
    """Return what the terminal says: what was made, what became of the file itself, what is left to decide."""
    from passerelle.testing.grades import Grade, name_grade  # noqa: PLC0415  kept out of start-up

    count = content["questions"]
    return [
        _("{folder}: {fields} fields of {contract} proposed, connector {connector}").format_map(content),
        _("{tried}; the plugin's own tests ask for the grade {grade}").format(
            tried=trial.format(), grade=name_grade(Grade(content["grade"]))
        ),
        *(f"  {cause}" for cause in trial.causes),
        translate_plural(
            "{count} point to decide: look for «À DÉCIDER».", "{count} points to decide: look for «À DÉCIDER».", count
        ).format(count=count),
        _("Next: pip install -e {folder}, then passerelle plugins check {plugin}").format_map(content),
    ]


def _refuse_unfit(proposal: Proposal, file: Path) -> None:
    """Raise UsageError for a file that no contract fits, or that cannot fill the one that was asked for."""
    if not proposal.contract:
        near = join_names([name for name, _score in proposal.ranking[:3]])
        raise UsageError("usage.sample.no_contract", file=file.name, near=near)
    if proposal.missing:
        raise UsageError(
            "usage.sample.unfit", file=file.name, contract=proposal.contract, fields=", ".join(proposal.missing)
        )


def make_plugin(
    proposal: Proposal, names: PluginNames, style: str, on_file: FileTrial | None = None
) -> dict[str, bytes]:
    """Return every file of the plugin, by path. The invented samples are tried on what was proposed.

    `on_file` is what became of the file that it was proposed from: page and grade say so.
    """
    from passerelle.extension.inferring import scaffolding  # noqa: PLC0415  kept out of start-up
    from passerelle.faces.cli.plugins.trial import describe_for_trial  # noqa: PLC0415  the same

    # tried as TOML whatever style will be written: both forms give the same objects
    trial = _SampleTrial(describe_for_trial(proposal, names))
    samples = {f"samples/{name}": content for name, content in scaffolding.write_samples(proposal, trial.judge).items()}
    # after the samples: the grade that the plugin's own test claims depends on what became of them, and of the file
    whole = trial.clean and (on_file is None or on_file.is_whole)
    said = _format_trial(on_file) if on_file else "–"
    texts = scaffolding.write_project(proposal, names, style=style, grade="silver" if whole else "bronze", trial=said)
    return {**{path: text.encode() for path, text in texts.items()}, **samples}


def _format_trial(trial: FileTrial) -> str:
    """Return what the page says of the file; a question as long as not every row was accepted."""
    from passerelle.extension.inferring.toml_writing import mark_question  # noqa: PLC0415  kept out of start-up

    told = trial.format() if trial.is_whole else mark_question(trial.format())
    told = f"{told} <!-- tried: {trial.accepted}/{trial.rows} -->"
    return "\n".join((f"- {told}", *(f"- {cause}" for cause in trial.causes)))


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
            write_whole(folder / path, content, ANYBODY)
