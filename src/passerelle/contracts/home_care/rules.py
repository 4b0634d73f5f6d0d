"""What must agree within a record of home care; adjustment codes after ESPPADOM_EFFECTIVITY_AJUST."""

from __future__ import annotations

from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rules import comparable, filled, instants_in_order, one_filled, only_when

ADJUSTMENT_SYSTEMS = ("esppadom-adjustment", "ESPPADOM_EFFECTIVITY_AJUST")
"""The rules speak of ESPPADOM's codes only: a supplier's own list may use the same letters for something else."""

_EIGHT, _NINE = "2024-12-31T08:00:00+01:00", "2024-12-31T09:30:00+01:00"
_NO_ARRIVAL = ("COA", "CO2", "CRE")
_NO_DEPARTURE = ("COD", "CO2", "CRE")
_CANCELLATION = ("cancelled_by", "cancellation_reason", "cancellation_billing")


def _code(code: str) -> dict[str, str]:
    return {"code": code, "system": "esppadom-adjustment"}


def _adjusted(record: Any, codes: tuple[str, ...]) -> bool:
    adjustment = record.adjustment
    return adjustment is not None and adjustment.code in codes and adjustment.system in ADJUSTMENT_SYSTEMS


def _plainly_adjusted(*codes: str) -> pl.Expr:
    adjustment = pl.col("adjustment").struct
    official = adjustment.field("system").is_in(ADJUSTMENT_SYSTEMS)
    return (official & adjustment.field("code").is_in(codes)).fill_null(value=False)


def _stamps_agree(record: Any) -> bool:
    """COA: no arrival stamp; COD: no departure stamp; CO2, CRE: neither. A stamp that was cancelled may remain."""
    arrival = record.stamped_start is not None and _adjusted(record, _NO_ARRIVAL)
    departure = record.stamped_end is not None and _adjusted(record, _NO_DEPARTURE)
    return not (arrival or departure)


def _plainly_stamps_agree() -> pl.Expr:
    arrival = filled("stamped_start") & _plainly_adjusted(*_NO_ARRIVAL)
    departure = filled("stamped_end") & _plainly_adjusted(*_NO_DEPARTURE)
    return ~(arrival | departure)


def _deleted_is_cancelled(record: Any) -> bool:
    return record.status in ("cancelled", "missed") or not _adjusted(record, ("SUP",))


def _plainly_deleted_is_cancelled() -> pl.Expr:
    return pl.col("status").is_in(("cancelled", "missed")) | ~_plainly_adjusted("SUP")


def _raw_is_not_retained(record: Any) -> bool:
    """HOR: the message only carries raw stamps, and a retained period in it must be ignored."""
    return not _adjusted(record, ("HOR",)) or (record.retained_start is None and record.retained_end is None)


def _plainly_raw_is_not_retained() -> pl.Expr:
    return ~_plainly_adjusted("HOR") | ~filled("retained_start", "retained_end")


def _stamps_are_not_the_plan(record: Any) -> bool:
    """Stamps equal to the plan to the second, at both ends, are the plan copied and not evidence."""
    stamped = (record.stamped_start, record.stamped_end)
    return None in stamped or stamped != (record.planned_start, record.planned_end)


def _plainly_stamps_are_not_the_plan() -> pl.Expr:
    ends = (("stamped_start", "planned_start"), ("stamped_end", "planned_end"))
    differ = (comparable(one, other) & (pl.col(one) != pl.col(other)) for one, other in ends)
    return pl.any_horizontal(*(pl.col(name).is_null() for name in _TIMES), *differ)


def _has_a_unit(record: Any) -> bool:
    return record.billed_quantity is None or record.billed_unit is not None


_TIMES = ("planned_start", "planned_end", "stamped_start", "stamped_end")
_STAMPS = ("adjustment", "stamped_start", "stamped_end")
_RETAINED = ("adjustment", "retained_start", "retained_end")

PLANNED_VISIT_RULES = (
    instants_in_order("validate.visit.planned_end_before_start", "planned_start", "planned_end"),
    only_when(
        "validate.cancellation.unexpected",
        "status",
        ("cancelled",),
        ("cancellation_reason",),
        {"status": "planned", "cancellation_reason": {"original": "Absente"}},
    ),
)

VISIT_RULES = (
    one_filled("validate.record.undated", "planned_start", "stamped_start", "stamped_end", "retained_start"),
    instants_in_order("validate.visit.planned_end_before_start", "planned_start", "planned_end"),
    instants_in_order("validate.visit.stamped_end_before_start", "stamped_start", "stamped_end", warns=True),
    instants_in_order("validate.visit.retained_end_not_after_start", "retained_start", "retained_end", strictly=True),
    Rule(
        "validate.visit.adjustment_contradicts_stamps",
        _STAMPS,
        _stamps_agree,
        _plainly_stamps_agree,
        warns=True,
        broken={"adjustment": _code("COA"), "stamped_start": _EIGHT},
    ),
    Rule(
        "validate.visit.deleted_not_cancelled",
        ("adjustment", "status"),
        _deleted_is_cancelled,
        _plainly_deleted_is_cancelled,
        broken={"adjustment": _code("SUP"), "status": "done"},
    ),
    Rule(
        "validate.visit.raw_stamps_retained",
        _RETAINED,
        _raw_is_not_retained,
        _plainly_raw_is_not_retained,
        warns=True,
        broken={"adjustment": _code("HOR"), "retained_start": _EIGHT},
    ),
    Rule(
        "validate.visit.stamps_copy_plan",
        _TIMES,
        _stamps_are_not_the_plan,
        _plainly_stamps_are_not_the_plan,
        warns=True,
        broken=dict(zip(_TIMES, (_EIGHT, _NINE, _EIGHT, _NINE), strict=True)),
    ),
    only_when(
        "validate.cancellation.unexpected",
        "status",
        ("cancelled", "missed"),
        _CANCELLATION,
        {"status": "done", "cancelled_by": {"original": "Initiative du client"}},
    ),
    Rule(
        "validate.visit.quantity_without_unit",
        ("billed_quantity", "billed_unit"),
        _has_a_unit,
        lambda: pl.col("billed_quantity").is_null() | filled("billed_unit"),
        warns=True,
        broken={"billed_quantity": "1.5", "billed_unit": None},
    ),
)
