"""Runs in a process of its own, in another time zone and order of hashes: loads plugins and takes samples under watch.

One request a line on standard input, one answer a line on standard output, until the input ends. An answer says what
was touched while the plugin was loaded and while rows were translated, and the lines that the sample gave; it is empty
when something failed. A first passage loads what is loaded late; the second is watched, without decode, which has
temporary files of its own.
"""

from __future__ import annotations

import json
import os
import random
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from passerelle.engine.path.batch_stream import decode_batches
from passerelle.engine.path.plans import get_plan
from passerelle.extension import loading
from passerelle.stages.translate.translation import translate
from passerelle.testing.samples import take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.extension.plugins import Plugins

_HARMLESS = (".py", ".pyc", ".so", ".pyd", ".mo")
_DESCRIPTIONS = (".toml", ".csv")
"""What the core reads for a supplier that is described without Python."""


@dataclass(slots=True)
class _Watch:
    """Records the files and connections that are touched while it is active."""

    looking: bool = False
    described: bool = False
    touched: list[str] = field(default_factory=list)

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Receive an audit event of the interpreter (PEP 578)."""
        if not self.looking:
            return
        if event.startswith("socket.") or event == "subprocess.Popen":
            self.touched.append(event)
        if event == "open":
            file = str(args[0])
            # Time zones are read from files when a zone is first used, which is no fault of the plugin; and Python 3.13
            # tries the folders of a package without code, which are no files.
            is_harmless = file.endswith(_HARMLESS) or "zoneinfo" in file or Path(file).is_dir()
            if not is_harmless and not (self.described and file.endswith(_DESCRIPTIONS)):
                self.touched.append(f"open {file}")

    @contextmanager
    def look(self, *, described: bool = False) -> Iterator[list[str]]:
        """Record for as long as the context lasts; yield the list of what is touched."""
        self.touched, self.described, self.looking = [], described, True
        try:
            yield self.touched
        finally:
            self.looking = False


_watch = _Watch()
_loaded: dict[str, tuple[Plugins, list[str]]] = {}
"""Installed plugins are imported once in a process: what that touched is kept for their other connectors."""


def _load(name: str, path: str) -> tuple[Plugins, list[str]]:
    if not path and name in _loaded:
        return _loaded[name]
    if path:
        infos = loading.list_described(Path(path).parent, [Path(path).name])
    else:
        infos = tuple(info for info in loading.list_installed() if info.name == name)
    described = bool(path) or any(info.entry and (info.entry.attr or "").endswith(".toml") for info in infos)
    with _watch.look(described=described) as touched:
        plugins = loading.load_plugins(among=() if path else infos, local=infos if path else ())
    _loaded[name] = plugins, touched
    return plugins, touched


def load_and_take(name: str, path: str, connector_id: str, sample: str) -> dict[str, Any]:
    """Load a plugin and take a sample of one of its connectors; `path` is that of a description beside settings."""
    plugins, load = _load(name, path)
    if not sample:
        return {"load": load, "translate": [], "lines": []}
    supplier, connector, _info = plugins.find_connector(connector_id)
    content = Path(sample).read_bytes()
    taken = take(content, supplier, connector)
    plan, state = get_plan(supplier.id, connector), random.getstate()
    batches = list(decode_batches(BytesIO(content), connector.dialect))
    with _watch.look() as touched:
        for batch in batches:
            translate(batch.table, plan)
    # A changed state shows that `random` was drawn from, which no audit event reports.
    touched = touched if random.getstate() == state else [*touched, "random"]
    return {"load": load, "translate": touched, "lines": [*taken.records, *taken.messages]}


def main() -> None:
    """Answer requests until standard input ends. What a plugin prints must not be taken for an answer."""
    # The real standard output is kept for answers only; a plugin prints to standard error.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr
    create_model("First")  # pydantic looks for plugins of its own, once, when its first model is made
    sys.addaudithook(_watch.hook)
    for line in sys.stdin:
        try:
            answer = load_and_take(*json.loads(line))
        except Exception:  # noqa: BLE001  whatever escapes is a check that is not kept; its words may hold values
            answer = {}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
