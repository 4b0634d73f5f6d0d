"""Make the names of a new plugin and its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from passerelle.contracts.catalogue import get
from passerelle.extension.inferring.name_likeness import to_plain
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.formatting import format_labelled

if TYPE_CHECKING:
    from passerelle.extension.inferring.proposal import Proposal

_MOST = 30
"""Characters of a supplier's id."""
_WHOLE = 40
"""Characters of a connector's id: the supplier's and the contract's name."""


@dataclass(frozen=True, slots=True)
class PluginNames:
    """The names of one plugin: `agenda-clair`, `passerelle_plugin_agenda_clair`, `agenda-clair-visit`."""

    id: str
    title: str
    module: str
    connector: str
    connector_title: str

    @property
    def distribution(self) -> str:
        """Return the name of the distribution."""
        return f"passerelle-plugin-{self.id}"


def make_names(given: str, proposal: Proposal) -> PluginNames:
    """Make the names from what was typed. Raises UsageError when nothing is left of it."""
    about = get(proposal.contract).about
    most = min(_MOST, _WHOLE - 1 - len(about.family))
    bare = to_plain(given).replace(" ", "-")[:most].strip("-")
    if not re.fullmatch("[a-z][a-z0-9-]*", bare):
        raise UsageError("usage.plugin.unnameable", name=given)
    kind = type(proposal.sample.dialect).__name__.upper()
    return PluginNames(
        id=bare,
        title=given.strip(),
        module=f"passerelle_plugin_{bare.replace('-', '_')}",
        connector=f"{bare}-{about.family.replace('_', '-')}",
        connector_title=format_labelled(given.strip(), f"{about.fr_title} ({kind})"),
    )
