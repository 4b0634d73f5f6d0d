"""Examine every plugin, two at a time, each in another process; one that breaks stops no other."""

from __future__ import annotations

import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passerelle.extension.loading import list_described, list_installed
from passerelle.testing.certifying import Certificate, examine_connectors, make_certificates
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.fault_names import name_class
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from passerelle.extension.plugin_info import PluginInfo
    from passerelle.testing.certifying import ConnectorResults

AT_ONCE = 2
_OBJECTS = 50_000
"""New objects after which Python looks for cycles, as the command line does."""


@dataclass(frozen=True, slots=True)
class FailedPlugin:
    """A plugin that could not be examined, and why. Holds no word of the plugin."""

    plugin: PluginInfo
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """Return what is wrong, in the reader's language."""
        return explain(self.code, self.facts)[0]


PluginVerdict = Certificate | FailedPlugin
_Outcome = dict[str, "ConnectorResults"] | tuple[str, dict[str, str]]
"""What comes back from the other process: findings by connector, or the code and facts of an error."""


def examine_plugin(info: PluginInfo, samples: Path | None = None) -> list[PluginVerdict]:
    """Examine one plugin here."""
    return _to_verdicts(info, _examine(info, samples))


def examine_plugins(infos: Sequence[PluginInfo], done: Callable[[], None] = lambda: None) -> list[PluginVerdict]:
    """Examine every plugin, and give the verdicts in the order of `infos`; `done` is called after each plugin."""
    outcomes: dict[int, _Outcome] = {}
    for place, outcome in _iter_outcomes(infos):
        outcomes[place] = outcome
        done()
    return [one for place, info in enumerate(infos) for one in _to_verdicts(info, outcomes[place])]


def _iter_outcomes(infos: Sequence[PluginInfo]) -> Iterator[tuple[int, _Outcome]]:
    again: list[int] = []
    with _open_pool(AT_ONCE) as pool:
        asked = {pool.submit(_examine_elsewhere, info.name, info.path): place for place, info in enumerate(infos)}
        for future in as_completed(asked):
            try:
                yield asked[future], future.result()
            except BrokenProcessPool:
                again.append(asked[future])
    for place in sorted(again):
        # Something killed its process, and those that waited with it: each alone, so that only the culprit is blamed.
        info = infos[place]
        with _open_pool(1) as pool:
            try:
                outcome = pool.submit(_examine_elsewhere, info.name, info.path).result()
            except BrokenProcessPool:
                outcome = "incident.plugin.failed", _describe_failure(info, "SystemExit")
        yield place, outcome


def _open_pool(count: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),  # polars has threads of its own, which a fork would cut off
        initializer=gc.set_threshold,
        initargs=(_OBJECTS, 20),
    )


def _examine_elsewhere(name: str, path: Path | None) -> _Outcome:
    """Examine one plugin, in the other process. The result is plain data, which can be pickled."""
    infos = (
        list_described(path.parent, [path.name]) if path else [info for info in list_installed() if info.name == name]
    )
    return _examine(infos[0])


def _examine(info: PluginInfo, samples: Path | None = None) -> _Outcome:
    try:
        return examine_connectors(info, samples)
    except PasserelleError as error:
        return error.code, dict(error.details)
    except Exception as error:  # noqa: BLE001  a plugin that breaks in a way nobody foresaw must not stop the others
        return "incident.plugin.failed", _describe_failure(info, name_class(error))


def _describe_failure(info: PluginInfo, kind: str) -> dict[str, str]:
    return {"plugin": info.name, "version": info.version, "kind": kind, "place": "?"}


def _to_verdicts(info: PluginInfo, outcome: _Outcome) -> list[PluginVerdict]:
    if isinstance(outcome, tuple):
        return [FailedPlugin(info, *outcome)]
    try:
        return list(make_certificates(info, outcome))
    except PasserelleError as error:
        return [FailedPlugin(info, error.code, dict(error.details))]
