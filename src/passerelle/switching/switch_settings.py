"""The settings of `switch.toml`: the two sides of a change of supplier, and which goes to which."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from passerelle.contracts.catalogue import catalogue
from passerelle.contracts.field_types import list_shapes
from passerelle.contracts.types import FieldKind
from passerelle.engine.settings.place_settings import FileDestinationSettings
from passerelle.engine.settings.shelf_settings import ShelfDestinationSettings
from passerelle.engine.settings.workspace_settings import Destination
from passerelle.extension import toml_problems
from passerelle.vocabulary.errors import SettingsError, UsageError
from passerelle.vocabulary.suggestions import find_nearest, join_names

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "switch.toml"
"""Stands beside the settings."""


def _resolve_below(pattern: str, info: ValidationInfo) -> str:
    return str(Path(info.context or "") / Path(pattern).expanduser())


def _refuse_file_name(destination: Destination) -> Destination:
    """Refuse a destination whose files have one name: what a move wrote is found again by its parcels."""
    if isinstance(destination, FileDestinationSettings) and destination.file_name:
        raise PydanticCustomError("file_name_in_move", "file name")
    if isinstance(destination, ShelfDestinationSettings):
        # what changes supplier goes to the new one: nothing of a move is kept here
        raise PydanticCustomError("shelf_in_move", "shelf")
    return destination


_EntryType = TypeVar("_EntryType")
Name = Annotated[str, Field(min_length=1)]
Pattern = Annotated[Name, AfterValidator(_resolve_below)]
"""Files, relative to the settings: a path whose last part may hold `*` and `?`."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ExportSettings(_Entry):
    """One export of a side: files a connector reads, files in contract form, or what a flow's API returns."""

    connector: Name | None = None
    """How to read `path`."""
    contract: Name | None = None
    """`path` holds canonical JSON of this contract, one record a line, instead of a supplier's layout."""
    path: Pattern | None = None
    flow: Name | None = None
    """A flow of the settings: its source is read, and nothing is acknowledged there."""
    contracts: tuple[Name, ...] = ()
    """The contracts that these files are the authority for; all that they hold where this is empty."""
    related: tuple[Pattern, ...] = ()
    """Files in contract form in which documents look up other records, as for the flow that writes them."""

    @property
    def is_clear(self) -> bool:
        """Whether it names files and how to read them, or else a flow: one of the two."""
        reads = [self.connector, self.contract]
        if self.flow:
            return self.path is None and not any(reads)
        return self.path is not None and sum(map(bool, reads)) == 1


class SideSettings(_Entry):
    """One of the two softwares: its exports, and where they are."""

    title: str = ""
    exports: Annotated[tuple[ExportSettings, ...], Field(min_length=1)]


class DeliverSettings(_Entry):
    """A destination of the new software: where records of some contracts go."""

    contracts: tuple[Name, ...] = ()
    """Those that go there; every one that no other destination names where this is empty."""
    destination: Annotated[Destination, AfterValidator(_refuse_file_name)]
    """As in a flow, but for `file_name`; `{family}` in an API's path stands for the contract's name (`person`)."""


class ToleranceSettings(_Entry):
    """A difference of both sides that is tolerated in one field. Nothing is, unless somebody asks for it."""

    contract: Name
    field: Name
    trimmed: StrictBool = False
    rounding: Annotated[float | None, Field(ge=0)] = None
    same_instant: StrictBool = False

    @property
    def is_applicable(self) -> bool:
        """Whether there is such a field, and its kind can be tolerated so."""
        model = catalogue().get(self.contract)
        if model is None or self.field not in model.model_fields:
            return False
        kind = list_shapes(model)[self.field].kind
        asked = {FieldKind.TEXT: self.trimmed, FieldKind.INSTANT: self.same_instant}
        asked |= dict.fromkeys((FieldKind.AMOUNT, FieldKind.QUANTITY, FieldKind.INTEGER), self.rounding is not None)
        wanted = sum((self.trimmed, self.same_instant, self.rounding is not None))
        return wanted == 1 and asked.get(kind, False)


class AcceptedSettings(_Entry):
    """What of the old software's exports may stay behind, and who answers for it: rows of a contract, or a column."""

    contract: Name | None = None
    """Rows that cannot become records of this contract."""
    connector: Name | None = None
    column: Name | None = None
    """A column of a connector's files that no field takes; `most` are its values."""
    most: Annotated[int, Field(strict=True, ge=1)]
    who: Name
    why: Name

    @property
    def is_clear(self) -> bool:
        """Whether it names rows of a contract, or else a column of a connector."""
        column = (self.connector, self.column)
        return column == (None, None) if self.contract else None not in column


class SwitchSettings(_Entry):
    """A change of supplier: from one side to another."""

    origin: Name = Field(alias="from")
    target: Name = Field(alias="to")
    decisions: Pattern | None = None
    """The worksheet of `switch plan`, filled in."""
    persons: Pattern | None = None
    """The worksheet of `switch compare`, in which somebody confirmed who is who."""
    tolerances: tuple[ToleranceSettings, ...] = ()
    deliver: tuple[DeliverSettings, ...] = ()
    """The destinations of the new software, for `switch run`."""
    accepted: tuple[AcceptedSettings, ...] = ()
    """Records that `switch run` may leave behind; losses of the plan are accepted in the worksheet of decisions."""
    system: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")] | None = None
    """Prefix of references under the ids that the new software assigns; its supplier where this is absent."""
    same_ids: StrictBool = False
    """The new software keeps the numbers of the old one: `a:person:12` and `b:person:12` are the same person."""


class SwitchDocument(_Entry):
    """The whole file."""

    side: dict[str, SideSettings] = Field(default_factory=dict)
    switch: dict[str, SwitchSettings] = Field(default_factory=dict)

    def get_side(self, name: str) -> SideSettings:
        """Return a side. Raises UsageError with the nearest name."""
        return _find_entry(self.side, name, "usage.side.unknown")

    def get_switch(self, name: str) -> SwitchSettings:
        """Return a change of supplier. Raises UsageError with the nearest name."""
        return _find_entry(self.switch, name, "usage.switch.unknown")


def _find_entry(known: Mapping[str, _EntryType], name: str, code: str) -> _EntryType:
    if name in known:
        return known[name]
    raise UsageError(code, name=name, known=join_names(known), nearest=find_nearest(name, known) or "–")


def load_switch_file(path: Path) -> SwitchDocument:
    """Read `switch.toml`. Raises SettingsError, whose `problems` are all that is wrong, each with its line."""
    text = _read_text(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise toml_problems.make_syntax_error(error, text, path.name) from None
    problems = toml_problems.Collector(SwitchDocument, text, path.name)
    document = SwitchDocument()
    try:
        document = SwitchDocument.model_validate(raw, context=path.absolute().parent)
    except ValidationError as error:
        problems.add_all(error)
    _check_document(document, problems)
    if problems:
        raise problems.to_error() from None
    return document


def _check_document(document: SwitchDocument, problems: toml_problems.Collector) -> None:
    """Add the problems that types cannot express."""
    for name, side in document.side.items():
        place = ("side", name, "exports")
        for export in side.exports:
            if not export.is_clear:
                problems.add("settings.export.unclear", place)
            named = filter(None, (export.contract, *export.contracts))
            for contract in [contract for contract in named if contract not in catalogue()]:
                problems.add("settings.export.contract", place, nearest=find_nearest(contract, catalogue()) or "–")
    for name, switch in document.switch.items():
        _check_switch(name, switch, document, problems)


def _check_switch(
    name: str, switch: SwitchSettings, document: SwitchDocument, problems: toml_problems.Collector
) -> None:
    for key, wanted in (("from", switch.origin), ("to", switch.target)):
        if wanted not in document.side:
            problems.add("settings.switch.side", ("switch", name, key), known=join_names(document.side))
    if not all(loss.is_clear for loss in switch.accepted):
        problems.add("settings.accepted.unclear", ("switch", name, "accepted"))
    for tolerance in switch.tolerances:
        if not tolerance.is_applicable:
            problems.add("settings.tolerance.field", ("switch", name, "tolerances"))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError("settings.switch.missing", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError("settings.file.unreadable", file=path.name) from None
