"""Find and read TOML descriptions: in a plugin that needs no code, or beside the settings of a flow."""

from __future__ import annotations

from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.vocabulary.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.metadata import EntryPoint

    from passerelle.extension.supplier import Supplier

SUFFIX = ".toml"


def is_description(entry: EntryPoint | None) -> bool:
    """Whether an entry point names a TOML file of its package (`package:supplier.toml`) and no Python object."""
    return entry is not None and (entry.attr or "").endswith(SUFFIX)


def read_packaged(entry: EntryPoint) -> Supplier:
    """Read the description inside an installed package. No code of the package runs. Raises SettingsError."""
    from passerelle.extension.toml_suppliers import read_supplier  # noqa: PLC0415  listing plugins needs none of it

    folder = files(entry.module)
    return read_supplier(folder.joinpath(entry.attr), folder)


def read_local(path: Path) -> Supplier:
    """Read a description that stands in a folder. Raises SettingsError."""
    from passerelle.extension.toml_suppliers import read_supplier  # noqa: PLC0415  listing plugins needs none of it

    return read_supplier(path, path.parent)


def read_id(path: Path) -> str:
    """Return the id that a description in a folder says or has from the one it extends; empty when it has none."""
    from passerelle.extension.toml_extending import read_joined  # noqa: PLC0415  listing plugins needs none of it

    with suppress(SettingsError, OSError, ValueError):
        said = read_joined(path).get("id")
        return said if isinstance(said, str) else ""
    return ""


def list_code_tables(path: Path) -> list[Path]:
    """Return the files of the code tables that a description names; of a wrong one those that could be read."""
    from passerelle.extension.toml_extending import make_reader_of  # noqa: PLC0415  listing plugins needs none of it
    from passerelle.extension.toml_suppliers import read_supplier  # noqa: PLC0415  see above

    read_table, named = make_reader_of(path, path.parent), []

    def note(name: str) -> Mapping[str, str]:
        table = read_table(name)
        named.append(path.parent / name.replace("\\", "/"))
        return table

    with suppress(SettingsError):
        read_supplier(path, path.parent, note)
    return named


def find_descriptions(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """Find the descriptions that the settings name, in a stable order. Raises SettingsError for a pattern in vain."""
    for pattern in patterns:
        # `glob` takes no absolute pattern: one is looked for from where it begins.
        start = Path(Path(pattern).anchor) if Path(pattern).is_absolute() else folder
        try:
            paths = sorted(path for path in start.glob(pattern.removeprefix(start.anchor)) if path.is_file())
        # Nor does it take an empty one, which matches nothing here.
        except (ValueError, NotImplementedError):
            paths = []
        if not paths:
            raise SettingsError("settings.supplier.absent", pattern=pattern)
        yield from paths


def compute_version(path: Path) -> str:
    """Return what stands for a version: digits that change with the description and the CSV files below its folder."""
    import hashlib  # noqa: PLC0415  listing plugins needs none of it

    from passerelle.extension.toml_extending import list_bases  # noqa: PLC0415  listing plugins needs none of it

    digest = hashlib.sha256()
    for one in (path, *list_bases(path)):
        digest.update(one.read_bytes())
        # Sorted: the order of a folder differs between file systems, and the version must not.
        for table in sorted(one.parent.rglob("*.csv")):
            digest.update(table.read_bytes())
    return f"0+{digest.hexdigest()[:8]}"
