"""A peer: a tap and a target of the Singer SDK, one process each with a pipe between, as Singer works.

python peer_singer.py export.csv folder

The tap translates with the plain loop's own code and leaves out what cannot be translated: a tap has no place to say
so. The target validates by the contract's JSON Schema; by default the first record that is not valid ends everything,
so that it is told to go on, which loads the record all the same.
"""

from __future__ import annotations

import csv
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plain
from singer_sdk import RecordSink, Stream, Tap, Target
from singer_sdk import typing as th

from passerelle import contracts

if TYPE_CHECKING:
    from collections.abc import Iterable


def _inline(part: Any, definitions: dict[str, Any]) -> Any:
    """Return a schema with what it refers to in place: the SDK keeps no definitions."""
    if isinstance(part, dict):
        name = part.get("$ref", "").rsplit("/", 1)[-1]
        found = definitions[name] if name else {key: one for key, one in part.items() if key != "$defs"}
        return {key: _inline(one, definitions) for key, one in found.items()}
    return [_inline(one, definitions) for one in part] if isinstance(part, list) else part


_WHOLE = contracts.get("visit/1").model_json_schema()
SCHEMA = _inline(_WHOLE, _WHOLE["$defs"])


class Visits(Stream):
    """The rows of the export that can be translated."""

    name = "visits"
    schema = SCHEMA
    primary_keys = ("ref",)

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:
        with open(self.config["path"], encoding="cp1252", newline="") as stream:  # noqa: PTH123  the setting is a text
            reader = csv.reader(stream, delimiter=";")
            width = len(next(reader))
            for cells in reader:
                try:
                    yield plain.translate(cells, width)
                except plain.Refused:
                    continue


class ExportTap(Tap):
    """The tap."""

    name = "tap-export"
    config_jsonschema = th.PropertiesList(th.Property("path", th.StringType, required=True)).to_dict()

    def discover_streams(self) -> list[Stream]:
        return [Visits(self)]


class Lines(RecordSink):
    """A file of JSON lines."""

    fail_on_record_validation_exception = False

    def process_record(self, record: dict[str, Any], context: Any) -> None:
        path = Path(self.config["path"])
        if not hasattr(self, "_stream"):
            self._stream = path.open("w", encoding="utf-8")
        self._stream.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")

    def clean_up(self) -> None:
        super().clean_up()
        self._stream.close()


class LineTarget(Target):
    """The target."""

    name = "target-lines"
    config_jsonschema = ExportTap.config_jsonschema
    default_sink_class = Lines


def main(source: Path, folder: Path) -> None:
    """Start both and wait."""
    tap = subprocess.Popen([sys.executable, __file__, "tap", source], stdout=subprocess.PIPE)
    target = subprocess.Popen([sys.executable, __file__, "target", folder / "accepted.ndjson"], stdin=tap.stdout)
    if tap.stdout:
        tap.stdout.close()
    if target.wait() or tap.wait():
        raise SystemExit("a side of the pipe failed")


if __name__ == "__main__":
    if sys.argv[1] == "tap":
        ExportTap(config={"path": sys.argv[2]}).sync_all()
    elif sys.argv[1] == "target":
        logging.disable(logging.ERROR)  # each record that is not valid would be logged with all it holds
        LineTarget(config={"path": sys.argv[2]}).listen()
    else:
        main(*map(Path, sys.argv[1:3]))
