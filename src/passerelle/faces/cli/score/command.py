"""`passerelle score`: what a bidder's sample shows of each requirement of a tender; bidders side by side."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.faces.cli import translated_click
from passerelle.faces.cli.invocation import Invocation, pass_invocation
from passerelle.faces.cli.locality_options import add_locality_options
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.locality import Locality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passerelle.faces.cli.exits import Exit
    from passerelle.tender.consultation import Consultation
    from passerelle.tender.scoring.examining import BidEntry

FORMS = ("text", "json", "html", "xlsx", "docx", "csv", "junit", "places")
_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")
# no `exists`: a missing file is our own error, with a reason code and in both languages
_PATH = click.Path(path_type=Path)


def _check_day(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if value and not _DAY.match(value):
        raise click.BadParameter(_("write a day as 2026-11-21"))
    return value


@translated_click.command(
    "score",
    help=N_(
        "Measure samples against a tender, on the same path as a run and without delivering anything: one verdict for "
        "each requirement, a note between what is proved and what could be, the places of every anomaly. No value of a "
        "sample is shown. With --compare, set scores side by side."
    ),
    examples=(
        ("score export.csv --tender consultation --connector compani-interventions", N_("read the score here")),
        (
            "score visites.csv --tender consultation --mapping editeur.toml --output score",
            N_("every form, in a folder"),
        ),
        ("score visit.csv --tender consultation --trace PAS-VIS-003", N_("every place behind one verdict")),
        ("score --compare score-a score-b --output comparaison.html --format html", N_("bidders side by side")),
    ),
)
@translated_click.argument(
    "samples",
    nargs=-1,
    required=True,
    type=_PATH,
    metavar=N_("SAMPLE..."),
    help=N_("The bidder's files; with --compare, scores."),
)
@translated_click.option(
    "--tender", type=_PATH, metavar=N_("FOLDER"), help=N_("The tender: its folder, or its exigences.json.")
)
@translated_click.option(
    "--connector",
    "connectors",
    multiple=True,
    metavar="ID",
    help=N_("How to read the samples; may be repeated. Without it, templates of the contracts are recognised."),
)
@translated_click.option(
    "--mapping",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("A description of the bidder's columns, in TOML."),
)
@translated_click.option(
    "--answers",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("The answer grid that the bidder filled in (XLSX)."),
)
@translated_click.option(
    "--waivers",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("Decisions of the buyer, in TOML: [[derogation]] and [[sans_objet]]."),
)
@translated_click.option(
    "--findings",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("The grid (XLSX) in which the buyer noted demonstrations, documents and references."),
)
@add_locality_options
@translated_click.option("--bidder", default="", metavar=N_("NAME"), help=N_("Who hands in the samples."))
@translated_click.option("--product", default="", metavar=N_("NAME"), help=N_("The software and its version."))
@translated_click.option(
    "--date",
    default="",
    callback=_check_day,
    metavar=N_("DAY"),
    help=N_("Day of the score; by default that of the tender, so that the same files give the same bytes."),
)
@translated_click.option(
    "--shapes", is_flag=True, help=N_("Tell the shape of wrong values (Aaaaa-99). Values themselves are never shown.")
)
@translated_click.option(
    "--trace", default="", metavar=N_("NUMBER"), help=N_("List every place that counts against one requirement.")
)
@translated_click.option(
    "--prices",
    type=translated_click.File(),
    metavar=N_("FILE"),
    help=N_("With --compare: what each offer costs, and its gaps, in TOML: [[offre]]."),
)
@translated_click.option("--compare", is_flag=True, help=N_("Set scores (score.json, or their folders) side by side."))
@translated_click.option(
    "--format", "form", type=click.Choice(FORMS), help=N_("By default text, or every form when a folder is named.")
)
@translated_click.option(
    "--output",
    type=_PATH,
    metavar=N_("PATH"),
    help=N_("The file to write; without --format, the folder for every form."),
)
@pass_invocation
def command(invocation: Invocation, /, samples: tuple[Path, ...], **options: Any) -> Exit:
    """Score samples, or compare scores."""
    invocation.form = "json" if options["form"] == "json" else "text"
    if options["compare"]:
        from passerelle.faces.cli.score.comparison import compare  # noqa: PLC0415  kept out of start-up

        return compare(samples, options["form"], options["output"], options["prices"])
    from passerelle.faces.cli.score import output  # noqa: PLC0415  kept out of start-up

    if options["tender"] is None:
        raise click.UsageError(_("Name the tender with --tender."))
    from passerelle.tender import consultation as frozen  # noqa: PLC0415  kept out of start-up

    consultation = frozen.read(options["tender"])
    entry = _make_entry(invocation, consultation, samples, options)
    code = output.score_and_write(consultation, entry, options)
    if options["output"] is not None and options["form"] is None and not options["trace"]:
        output.score_members(options["tender"], entry, options["output"])
    return code


def _make_entry(
    invocation: Invocation, consultation: Consultation, samples: Sequence[Path], options: dict[str, Any]
) -> BidEntry:
    from passerelle.tender.scoring import deciding, findings, pricing, reading  # noqa: PLC0415  kept out of start-up
    from passerelle.tender.scoring.examining import BidEntry  # noqa: PLC0415  kept out of start-up

    mapping, answers, decisions = options["mapping"], options["answers"], options["waivers"]
    paths = _list_samples(samples)
    readers = list(reading.read_descriptions(mapping)) if mapping else []
    for name in options["connectors"]:
        supplier, connector, info = invocation.load_plugins().find_connector(name)
        readers.append(reading.SampleReader(supplier.id, connector, info.version))
    replies = deciding.read_replies(answers, consultation) if answers else {}
    return BidEntry(
        samples=paths,
        readers=readers,
        locality=Locality(options["zone"], options["country"]),
        command=_write_command(samples, options),
        replies=replies,
        prices=pricing.read_prices(answers, consultation, replies) if answers else None,
        findings=findings.read_findings(options["findings"], consultation) if options["findings"] else {},
        waivers=deciding.read_waivers(decisions, consultation) if decisions else (),
        **{name: options[name] for name in ("bidder", "product", "date", "shapes")},
    )


def _list_samples(samples: Sequence[Path]) -> list[Path]:
    """Return the files of a bidder: those that are named, and the files of the folders that are named."""
    paths: list[Path] = []
    for path in samples:
        if path.is_dir():
            # descriptions and readmes in a folder of samples are no samples
            files = [file for file in path.iterdir() if file.is_file() and file.suffix not in (".toml", ".md")]
            paths += sorted(file for file in files if not file.name.startswith("."))
        else:
            paths.append(path)
    if not paths:
        raise UsageError("usage.samples.none", folder=", ".join(path.name for path in samples))
    for path in paths:
        if not path.is_file():
            raise UsageError("usage.file.unreadable", file=path.name)
    return paths


def _write_command(samples: Sequence[Path], options: dict[str, Any]) -> str:
    """Return the command that gives this score again."""
    # names only, no folders: the score must have the same bytes on every machine
    words = ["passerelle", "score", *(path.name for path in samples), "--tender", "DOSSIER"]
    for name in options["connectors"]:
        words += ["--connector", name]
    for name in ("mapping", "answers", "waivers", "findings"):
        if options[name]:
            words += [f"--{name}", options[name].name]
    for name in ("zone", "country", "bidder", "product", "date"):
        if options[name]:
            words += [f"--{name}", options[name]]
    return shlex.join([*words, *(["--shapes"] if options["shapes"] else [])])
