"""Text becomes contract fields, and back: one mapping, translated columnar or row-wise.

*Columnar* translation (`columnar.py`) evaluates the polars expressions of all converters over all rows at once.
*Row-wise* translation (`rowwise.py`) calls `Converter.parse` on the rows of which the columnar one is not sure, and
writes the explanations. Property tests hold that both give the same.
"""

from passerelle.stages.translate.converter import NONE, Converter, Doubtful, Fault, Row
from passerelle.stages.translate.converters.choices import Constant, FirstOf, PerRecord
from passerelle.stages.translate.converters.contacts import AddressOf, Identifier
from passerelle.stages.translate.converters.days import Date, PartialDate
from passerelle.stages.translate.converters.lookups import Code, Word, YesNo
from passerelle.stages.translate.converters.moments import Instant, LocalDateTime
from passerelle.stages.translate.converters.numbers import Amount, Duration, Minutes, Number
from passerelle.stages.translate.converters.references import Ref
from passerelle.stages.translate.converters.telecoms import Telecom
from passerelle.stages.translate.converters.texts import Joined, Text
from passerelle.stages.translate.table import OutOfScope, Table, Where

__all__ = [
    "NONE",
    "AddressOf",
    "Amount",
    "Code",
    "Constant",
    "Converter",
    "Date",
    "Doubtful",
    "Duration",
    "Fault",
    "FirstOf",
    "Identifier",
    "Instant",
    "Joined",
    "LocalDateTime",
    "Minutes",
    "Number",
    "OutOfScope",
    "PartialDate",
    "PerRecord",
    "Ref",
    "Row",
    "Table",
    "Telecom",
    "Text",
    "Where",
    "Word",
    "YesNo",
]
