"""Descriptions that say only what differs from another one: `extends` names it, tables are joined key by key."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.extension.code_tables import make_table_reader
from passerelle.vocabulary.composition import compose
from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

KEY = "extends"
_MOST = 5
"""Descriptions that may stand one upon the other; a circle has no end."""


def find_base(raw: Mapping[str, Any], file: Traversable) -> Path | None:
    """Return the description that another one extends; None when it stands alone.

    Raises SettingsError when it is not there, and for a packaged description, which has no neighbours.
    """
    named = raw.get(KEY)
    if not isinstance(named, str) or not named:
        return None
    if isinstance(file, Path):
        base = file.parent / named
        if base.is_file() and base.resolve() != file.resolve():
            return base
    raise SettingsError("settings.supplier.base", file=file.name, base=named)


def read_joined(path: Path, depth: int = _MOST) -> dict[str, Any]:
    """Return what a description says, with what it has from those that it extends.

    Raises SettingsError when one of them is not there, ValueError when one is not TOML.
    """
    raw = tomllib.loads(compose(path.read_bytes().decode("utf-8-sig")))
    return join_base(raw, path, depth)


def join_base(raw: Mapping[str, Any], file: Traversable, depth: int = _MOST) -> dict[str, Any]:
    """Return a description with what it does not say itself taken from the one that it extends; raises as above."""
    base = find_base(raw, file)
    if base is None:
        return dict(raw)
    if depth == 0:
        raise SettingsError("settings.supplier.base", file=file.name, base=base.name)
    return _join(read_joined(base, depth - 1), raw)


def _join(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Join tables key by key; anything else that is said takes the place of what the base says."""
    joined = dict(base)
    for key, said in own.items():
        before = joined.get(key)
        # what is of another kind has other keys: a dialect or a converter is said anew, not mixed
        joined[key] = _join(before, said) if isinstance(before, dict) and _is_alike(before, said) else said
    return joined


def _is_alike(before: Mapping[str, Any], said: object) -> bool:
    return isinstance(said, dict) and ("kind" not in said or before.get("kind") == said["kind"])


def list_bases(path: Path) -> list[Path]:
    """List the descriptions that one extends, the nearest first; of a wrong one, those that are found."""
    found = [path]
    with suppress(SettingsError, OSError, ValueError):
        while len(found) <= _MOST:
            base = find_base(tomllib.loads(found[-1].read_text("utf-8-sig")), found[-1])
            if base is None:
                break
            found.append(base)
    return found[1:]


def make_reader_of(file: Traversable, folder: Traversable) -> Callable[[str], Mapping[str, str]]:
    """Read the code tables of a description: from its own folder where they are, else from that of one it extends."""
    readers = [(folder, make_table_reader(folder))]
    if isinstance(file, Path):
        readers += [(base.parent, make_table_reader(base.parent)) for base in list_bases(file)]

    def read(table: str) -> Mapping[str, str]:
        here = (read for place, read in readers if place.joinpath(table).is_file())
        return next(here, readers[0][1])(table)

    return read
