"""`passerelle plugins`: list, show and check what plugins provide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from passerelle.documents.text_table import write_table
from passerelle.extension.connector_ways import describe_ways, list_ways
from passerelle.extension.loading import list_described, list_installed, load_plugins
from passerelle.faces.cli import translated_click
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.faces.cli.plugins.infer import infer_file
from passerelle.faces.cli.plugins.new import new
from passerelle.faces.cli.plugins.record import record
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import join_clauses
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.testing.grades import Grade
    from passerelle.testing.surveying import PluginVerdict


@translated_click.group(
    "plugins",
    help=N_("A plugin describes one supplier: what its files and API look like, and what they mean."),
    examples=(("plugins list", N_("what is installed")), ("plugins show compani", N_("one plugin"))),
)
def command() -> None:
    """Hold the commands below."""


command.add_command(record)
command.add_command(infer_file)
command.add_command(new)


@command.command(
    "list",
    help=N_("List the installed plugins. None of them is started, unless their grades are asked for."),
    examples=(
        ("plugins list", N_("names and versions")),
        ("plugins list --grades", N_("every connector with the grade that its checks earn it now")),
    ),
)
@translated_click.option(
    "--grades", is_flag=True, help=N_("Examine every plugin and show its grade; takes some seconds for each connector.")
)
@answer_format
@pass_invocation
def list_plugins(invocation: Invocation, *, grades: bool) -> Exit:
    """List plugins from their metadata; grades are computed, so they cost an examination."""
    if grades:
        from passerelle.faces.cli.plugins import check as checks  # noqa: PLC0415  not needed to list plugins

        verdicts = _examine_all(_list_plugins(invocation))
        contents = [checks.to_content(verdict) for verdict in verdicts]
        invocation.answer("plugins.grades", {"connectors": contents}, lambda: checks.format_grades(verdicts))
        return Exit.SETTLED
    infos = list_installed()
    invocation.answer("plugins.list", {"plugins": list(map(_describe_info, infos))}, lambda: _format_infos(infos))
    return Exit.SETTLED


@command.command(
    "show",
    help=N_("Show the suppliers and connectors of a plugin: what they read, which contracts they fill."),
    examples=(
        ("plugins show compani", N_("what it can read")),
        ("plugins show compani --grades", N_("the same, with the grade that its checks earn it now")),
    ),
)
@translated_click.argument("name", metavar=N_("PLUGIN"), help=N_("Its name, as «plugins list» gives it."))
@translated_click.option(
    "--grades", is_flag=True, help=N_("Examine the plugin and show its grades; takes some seconds for each connector.")
)
@answer_format
@pass_invocation
def show(invocation: Invocation, name: str, *, grades: bool) -> Exit:
    """Show one plugin; only that one is started."""
    # found by its metadata first: a misspelt name must start nobody's code
    info = _find_plugin(list_installed(), name)
    plugins = load_plugins([name])
    earned: dict[str, Grade] = {}
    if grades:
        from passerelle.testing.certifying import certify  # noqa: PLC0415  the suite is not needed to list plugins

        earned = {certificate.connector.id: certificate.grade for certificate in certify(info)}
    suppliers = [
        {
            "id": supplier.id,
            "title": supplier.title,
            "website": supplier.website,
            "connectors": [
                _describe_connector(connector, supplier) | ({"grade": str(earned[connector.id])} if earned else {})
                for connector in supplier.connectors
            ],
        }
        for supplier in plugins.suppliers
    ]
    content = _describe_info(info) | {"suppliers": suppliers}
    invocation.answer("plugins.show", content, lambda: _format_plugin(info, plugins, earned))
    return Exit.SETTLED


@command.command(
    "check",
    help=N_(
        "Go through the conformance suite, offline: the description, hostile files, the plugin's own samples, the way "
        "back. The answer is a grade and what is missing for the next; no value of a sample is in it."
    ),
    examples=(
        ("plugins check compani", N_("one plugin")),
        ("plugins check --all", N_("all that are installed, and the suppliers described beside the settings")),
    ),
)
@translated_click.argument(
    "name", metavar=N_("PLUGIN"), required=False, help=N_("Its name, as «plugins list» gives it.")
)
@translated_click.option("--all", "every", is_flag=True, help=N_("Every plugin."))
@translated_click.option(
    "--samples",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=N_("The folder of its samples, when it is not where the plugin stands."),
)
@answer_format
@pass_invocation
def check(invocation: Invocation, name: str | None, *, every: bool, samples: Path | None) -> Exit:
    """Examine one plugin, or all of them."""
    from passerelle.faces.cli.plugins import check as checks  # noqa: PLC0415  the suite is not needed to list plugins
    from passerelle.testing.surveying import examine_plugin  # noqa: PLC0415  the same

    if every is (name is not None):
        raise click.UsageError(_("Name one plugin, or give --all."))
    infos = _list_plugins(invocation)
    verdicts = _examine_all(infos) if every else examine_plugin(_find_plugin(infos, name or ""), samples)
    content = {"connectors": [checks.to_content(verdict) for verdict in verdicts]}
    invocation.answer("plugins.check", content, lambda: checks.format_text(verdicts))
    return checks.choose_exit(verdicts)


def _list_plugins(invocation: Invocation) -> tuple[PluginInfo, ...]:
    """List what is installed, and what is described beside the settings where there are any."""
    if not invocation.path.exists():
        return list_installed()
    settings = invocation.read_settings()
    return (*list_installed(), *list_described(settings.path.parent, settings.suppliers))


def _find_plugin(infos: Sequence[PluginInfo], name: str) -> PluginInfo:
    by_name = {info.name: info for info in infos}
    if name not in by_name:
        near = find_nearest(name, by_name) or "–"
        raise UsageError("usage.plugin.unknown", name=name, known=join_names(by_name), nearest=near)
    return by_name[name]


def _examine_all(infos: Sequence[PluginInfo]) -> list[PluginVerdict]:
    from passerelle.faces.cli.progress import count_steps  # noqa: PLC0415  not needed to list plugins
    from passerelle.testing.surveying import examine_plugins  # noqa: PLC0415  the same

    with count_steps(_("plugins"), len(infos)) as done:
        return examine_plugins(infos, done)


def _describe_info(info: PluginInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "summary": info.summary,
    }


def _describe_connector(connector: Connector, supplier: Supplier) -> dict[str, Any]:
    from passerelle.extension.opaque_references import list_kept, list_openings  # noqa: PLC0415  heavy, and not needed to list plugins

    kept = list_kept(supplier)
    return {
        "id": connector.id,
        "title": connector.title,
        "reads": type(connector.dialect).__name__.lower(),
        "collects": connector.collect is not None,
        "sends": connector.send is not None,
        "ways": list(list_ways(connector)),
        "contracts": list(dict.fromkeys(table.contract for table in connector.tables)),
        "references": {
            opening.rstrip(":"): "kept" if opening in kept else "handle" for opening in list_openings((connector,))
        },
    }


def _format_references(references: Mapping[str, str]) -> str:
    """Return which references leave as they are, and that the others leave as handles."""
    words = []
    if kept := [name for name, way in references.items() if way == "kept"]:
        words.append(_("references that leave as they are: {names}").format(names=", ".join(kept)))
    if hidden := [name for name, way in references.items() if way != "kept"]:
        words.append(_("references that leave as handles: {names}").format(names=", ".join(hidden)))
    return join_clauses(words)


def _format_infos(infos: tuple[PluginInfo, ...]) -> str:
    headers = (_("name"), _("distribution"), _("version"), _("summary"))
    rows = ((info.name, info.distribution, info.version, info.summary) for info in infos)
    table = write_table(headers, rows) if infos else _("No plugin is installed.")
    hint = _("Their grades, computed now: {command}").format(command="passerelle plugins list --grades")
    return f"{table}\n\n{hint}"


def _format_plugin(info: PluginInfo, plugins: Plugins, grades: Mapping[str, Grade]) -> str:
    lines = [f"{info.name} {info.version} ({info.distribution})", f"  {info.summary}"]
    for supplier in plugins.suppliers:
        lines += ["", f"{supplier.title} ({supplier.id}) {supplier.website}".rstrip()]
        for connector in supplier.connectors:
            about = _describe_connector(connector, supplier)
            kind = [] if connector.collect else [_("file ({kind})").format(kind=about["reads"])]
            ways = ", ".join([*kind, describe_ways(connector)])
            line = f"  {connector.id}: {connector.title} – {ways} → {', '.join(about['contracts'])}"
            if grades:
                from passerelle.testing.grades import name_grade  # noqa: PLC0415  not needed to list plugins

                line += f" [{name_grade(grades[connector.id])}]"
            lines += [line, f"    {_format_references(about['references'])}"]
    return "\n".join(lines)
