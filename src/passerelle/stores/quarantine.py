"""The quarantine: records that were set aside, sealed, until they are replayed, discarded, or expire."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from passerelle.stores import schema
from passerelle.stores.database import fold, reading, writing
from passerelle.vocabulary.errors import FatalError
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.parcels import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine, Row

    from passerelle.stores.seal import Seal
    from passerelle.stores.settlement import Settlement
