"""`passerelle plugins`: list and show what plugins provide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.extension.loading import PluginInfo, Plugins, installed, load_plugins
from passerelle.faces import wording
from passerelle.faces.cli import translated
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.invocation import Invocation, answer_format, pass_invocation
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.nearest import listed, nearest

if TYPE_CHECKING:
    from passerelle.extension.supplier import Connector, Supplier


@translated.group(
    "plugins",
    help=N_("A plugin describes one supplier: what its files and API look like, and what they mean."),
    examples=(("plugins list", N_("what is installed")), ("plugins show compani", N_("one plugin"))),
)
def command() -> None:
    """Hold the commands below."""


@command.command(
    "list",
    help=N_("List the installed plugins. None of them is started."),
    examples=(("plugins list", N_("names and versions")),),
)
@answer_format
@pass_invocation
def list_plugins(invocation: Invocation) -> Exit:
    """List plugins from their metadata."""
    infos = installed()
    invocation.answer("plugins.list", {"plugins": [_info(info) for info in infos]}, lambda: _table(infos))
    return Exit.SETTLED


@command.command(
    "show",
    help=N_("Show the suppliers and connectors of a plugin: what they read, which contracts they fill."),
    examples=(("plugins show compani", N_("what it can read")),),
)
@translated.argument("name", metavar=N_("PLUGIN"), help=N_("Its name, as «plugins list» gives it."))
@answer_format
@pass_invocation
def show(invocation: Invocation, name: str) -> Exit:
    """Show one plugin; only that one is started."""
    infos = {info.name: info for info in installed()}
    if name not in infos:
        near = nearest(name, infos) or "–"
        raise UsageError("usage.plugin.unknown", name=name, known=listed(infos), nearest=near)
    plugins = load_plugins([name])
    content = _info(infos[name]) | {"suppliers": [_supplier(supplier) for supplier in plugins.suppliers]}
    invocation.answer("plugins.show", content, lambda: _text(infos[name], plugins))
    return Exit.SETTLED


def _info(info: PluginInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "summary": info.summary,
    }


def _supplier(supplier: Supplier) -> dict[str, Any]:
    return {
        "id": supplier.id,
        "title": supplier.title,
        "website": supplier.website,
        "connectors": [_connector(connector) for connector in supplier.connectors],
    }


def _connector(connector: Connector) -> dict[str, Any]:
    return {
        "id": connector.id,
        "title": connector.title,
        "reads": type(connector.dialect).__name__.lower(),
        "collects": connector.collect is not None,
        "sends": connector.send is not None,
        "contracts": list(dict.fromkeys(table.contract for table in connector.tables)),
    }


def _table(infos: tuple[PluginInfo, ...]) -> str:
    if not infos:
        return _("No plugin is installed.")
    headers = (_("name"), _("distribution"), _("version"), _("summary"))
    return wording.table(headers, ((info.name, info.distribution, info.version, info.summary) for info in infos))


def _text(info: PluginInfo, plugins: Plugins) -> str:
    lines = [f"{info.name} {info.version} ({info.distribution})", f"  {info.summary}"]
    for supplier in plugins.suppliers:
        lines += ["", f"{supplier.title} ({supplier.id}) {supplier.website}".rstrip()]
        lines += [f"  {_line(connector)}" for connector in supplier.connectors]
    return "\n".join(lines)


def _line(connector: Connector) -> str:
    about = _connector(connector)
    doors = [_("file ({kind})").format(kind=about["reads"])]
    if connector.collect is not None:
        doors = [_("API, read")]
    if connector.send is not None:
        doors.append(_("API, write"))
    return f"{connector.id}: {connector.title} – {', '.join(doors)} → {', '.join(about['contracts'])}"
