"""Run the suite without pytest: find a plugin's samples, run every check, compute the grade."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from passerelle.extension.loading import load_plugins
from passerelle.testing import conformance
from passerelle.testing.conformance import Conformance, conforms
from passerelle.testing.grades import CheckResult, Grade, compute_grade, list_checks, list_missing
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.fault_names import name_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.extension.plugins import Plugins
    from passerelle.extension.supplier import Connector, Supplier
    from passerelle.testing.grades import ConformanceCheck

_NOMINAL, _ODDITIES = "nominal", "oddities"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The results of a connector, with its grade."""

    plugin: PluginInfo
    supplier: Supplier
    connector: Connector
    results: tuple[CheckResult, ...]
    sampled: bool
    """Whether samples were found; without them nothing above bronze can be shown."""

    @property
    def grade(self) -> Grade:
        """The grade it has."""
        return compute_grade(list(self.results))

    @property
    def missing(self) -> list[CheckResult]:
        """What the next grade asks for."""
        return list_missing(list(self.results))


@dataclass(frozen=True, slots=True)
class ConnectorResults:
    """The results of one connector's checks, as they are passed between processes."""

    results: tuple[CheckResult, ...]
    sampled: bool


def certify(info: PluginInfo, samples: Path | None = None) -> list[Certificate]:
    """Examine every connector of one plugin, offline. Raises what loading it raises.

    `samples` is a folder laid out as `samples/` of a plugin; by default it is looked for where the plugin stands.
    """
    return make_certificates(info, examine_connectors(info, samples))


def examine_connectors(info: PluginInfo, samples: Path | None = None) -> dict[str, ConnectorResults]:
    """Examine every connector of one plugin, as `certify` does; return the results by connector."""
    plugins = _load(info)
    folders = [samples] if samples else list(_list_folders(info))
    return {
        connector_id: _run_checks(
            plugins, connector_id, _find_samples(folders, connector_id, alone=len(plugins.connectors) == 1)
        )
        for connector_id in plugins.connectors
    }


def make_certificates(info: PluginInfo, findings: Mapping[str, ConnectorResults]) -> list[Certificate]:
    """Make the certificates of examined connectors. Raises what loading the plugin raises."""
    plugins = _load(info)
    written = []
    for connector_id, found in findings.items():
        supplier, connector, _info = plugins.find_connector(connector_id)
        written.append(Certificate(info, supplier, connector, found.results, found.sampled))
    return written


def _load(info: PluginInfo) -> Plugins:
    return load_plugins(among=(), local=(info,)) if info.path else load_plugins(among=(info,))


def _list_folders(info: PluginInfo) -> Iterator[Path]:
    """List where a plugin's samples may stand: beside its description, in its package, or in its project."""
    if info.path:
        yield info.path.parent / "samples"
    if info.entry is None:
        return
    spec = find_spec(info.entry.module)
    yield from (Path(place) / "samples" for place in (spec.submodule_search_locations if spec else None) or ())
    if info.entry.dist and (about := info.entry.dist.read_text("direct_url.json")):
        address = urlsplit(json.loads(about).get("url", ""))
        # PEP 610: an editable install records where its project is.
        if address.scheme == "file":
            yield Path(unquote(address.path)) / "samples"


def _find_samples(folders: Sequence[Path], connector_id: str, *, alone: bool) -> tuple[Path, Path] | None:
    """Find the two samples of a connector: in a folder with the end of its id for a name, or in the only one."""
    places = [place for folder in folders if folder.is_dir() for place in (folder, *sorted(folder.iterdir()))]
    for place in places:
        own = connector_id == place.name or connector_id.endswith(f"-{place.name}")
        if place.is_dir() and (own or (alone and place in folders)):
            # `nominal.*` also matches what the sample must give, which is no sample.
            nominal, oddities = (
                next((path for path in sorted(place.glob(f"{name}.*")) if path.name != f"{name}.expected.jsonl"), None)
                for name in (_NOMINAL, _ODDITIES)
            )
            if nominal and oddities:
                return nominal, oddities
    return None


def _run_checks(plugins: Plugins, connector_id: str, samples: tuple[Path, Path] | None) -> ConnectorResults:
    nominal, oddities = samples or (Path(), Path())
    suite = conforms(connector_id, nominal, oddities, grade=Grade.GOLD, plugins=plugins)()
    results = [
        _run_check(suite, check)
        if samples or check.grade is Grade.BRONZE
        else CheckResult(check, passed=False, hint="samples/")
        for check in list_checks(Conformance)
    ]
    return ConnectorResults(tuple(results), samples is not None)


def _run_check(suite: Conformance, check: ConformanceCheck) -> CheckResult:
    """Go through one check. A hint is words of the suite itself or a place in it; never what an assertion compared."""
    if why_not := suite.explain_absence(check):
        return CheckResult(check, passed=True, why_not=why_not)
    try:
        getattr(suite, check.name)()
    except AssertionError as error:
        # Where pytest has rewritten the suite's assertions, their words quote what they compare: a cell of the sample.
        is_rewritten = "@pytest_ar" in vars(conformance)
        return CheckResult(check, passed=False, hint="" if is_rewritten else str(error).partition("\n")[0])
    except PasserelleError as error:
        return CheckResult(check, passed=False, hint=error.code)
    except Exception as error:  # noqa: BLE001  whatever escapes is a check that is not kept, and its text may hold values
        return CheckResult(check, passed=False, hint=name_class(error))
    return CheckResult(check, passed=True)
