"""Begins a tender: writes its `tender.toml`, by a trade's proposal and the buyer's choices, or as somebody wrote it."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from passerelle.tender import order_file, tender_overview
from passerelle.tender.building.writing import build
from passerelle.tender.composing import compose
from passerelle.vocabulary.errors import UsageError
from passerelle.vocabulary.safe_files import ANYBODY, write_new

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from passerelle.tender.composing import BuyerChoices
    from passerelle.tender.trades import TradeProposal

_TAKEN = frozenset({"nouvelle"})
"""Names that pages have for something else."""


def write_order(folder: Path, text: str, name: str = order_file.FILE) -> Path:
    """Write the order of a tender into a folder, which is made if need be; return where it stands.

    `name`: what messages call the text. Raises UsageError where there is one already, or nothing can be written there,
    SettingsError with every problem of the text: then nothing is left behind.
    """
    target = folder / order_file.FILE
    if target.exists():
        raise UsageError("usage.file.exists", file=target.name)
    order_file.parse(text, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_new(target, text, ANYBODY)
    except FileExistsError:
        raise UsageError("usage.file.exists", file=target.name) from None
    except OSError:
        raise UsageError("usage.file.unreadable", file=target.name) from None
    return target


def begin_tender(root: Path, trade: TradeProposal, decided: BuyerChoices, language: Literal["fr", "en"]) -> str:
    """Begin a tender in a folder of its own beside the settings, and build it; return the name of the folder.

    Raises UsageError where something of that name is there, or nothing can be written, SettingsError.
    """
    name = tender_overview.name_score(re.sub(r"['’]", " ", decided.title))
    folder = root / name
    if name in _TAKEN or folder.exists() or folder.is_symlink():
        raise UsageError("usage.file.exists", file=name)
    try:
        write_order(folder, compose(trade, decided, language))
        build(folder, language=language)
    except BaseException:
        # half of it would stand in the way of whoever begins it again
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return name
