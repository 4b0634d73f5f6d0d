"""Cross-field rules of home care; adjustment codes from ESPPADOM_EFFECTIVITY_AJUST."""

from __future__ import annotations

from typing import Any

import polars as pl

from passerelle.contracts.contract import Rule
from passerelle.contracts.rule_makers import (
    has_same_offset,
    has_value,
    require_instant_order,
    require_one_filled,
    reserve_for,
)

ADJUSTMENT_SYSTEMS = ("esppadom-adjustment", "ESPPADOM_EFFECTIVITY_AJUST")
"""Only these systems count: a supplier's own list may use the same letters for something else."""

_EIGHT, _NINE = "2024-12-31T08:00:00+01:00", "2024-12-31T09:30:00+01:00"
_NO_ARRIVAL = ("COA", "CO2", "CRE")
_NO_DEPARTURE = ("COD", "CO2", "CRE")
_CANCELLATION = ("cancelled_by", "cancellation_reason", "cancellation_billing")


def _make_code(code: str) -> dict[str, str]:
    return {"code": code, "system": "esppadom-adjustment"}


def _has_adjustment(record: Any, codes: tuple[str, ...]) -> bool:
    adjustment = record.adjustment
    return adjustment is not None and adjustment.code in codes and adjustment.system in ADJUSTMENT_SYSTEMS


def _has_adjustment_expr(*codes: str) -> pl.Expr:
    adjustment = pl.col("adjustment").struct
    official = adjustment.field("system").is_in(ADJUSTMENT_SYSTEMS)
    return (official & adjustment.field("code").is_in(codes)).fill_null(value=False)


def _has_expected_stamps(record: Any) -> bool:
    """Whether stamps agree with the adjustment. COA: no arrival; COD: no departure; CO2, CRE: neither."""
    arrival = record.stamped_start is not None and _has_adjustment(record, _NO_ARRIVAL)
    departure = record.stamped_end is not None and _has_adjustment(record, _NO_DEPARTURE)
    return not (arrival or departure)


def _has_expected_stamps_expr() -> pl.Expr:
    arrival = has_value("stamped_start") & _has_adjustment_expr(*_NO_ARRIVAL)
    departure = has_value("stamped_end") & _has_adjustment_expr(*_NO_DEPARTURE)
    return ~(arrival | departure)


def _ignores_raw_period(record: Any) -> bool:
    """Whether an adjustment HOR, which only carries raw stamps, comes without a retained period."""
    return not _has_adjustment(record, ("HOR",)) or (record.retained_start is None and record.retained_end is None)


def _has_own_stamps(record: Any) -> bool:
    """Whether stamps differ from the plan. Equal to the second at both ends, they are a copy and no evidence."""
    stamped = (record.stamped_start, record.stamped_end)
    return None in stamped or stamped != (record.planned_start, record.planned_end)


def _has_own_stamps_expr() -> pl.Expr:
    ends = (("stamped_start", "planned_start"), ("stamped_end", "planned_end"))
    differ = (has_same_offset(one, other) & (pl.col(one) != pl.col(other)) for one, other in ends)
    return pl.any_horizontal(*(pl.col(name).is_null() for name in _TIMES), *differ)


_TIMES = ("planned_start", "planned_end", "stamped_start", "stamped_end")
_STAMPS = ("adjustment", "stamped_start", "stamped_end")
_RETAINED = ("adjustment", "retained_start", "retained_end")

PLANNED_VISIT_RULES = (
    require_instant_order("validate.visit.planned_end_before_start", "planned_start", "planned_end"),
    reserve_for(
        "validate.cancellation.unexpected",
        "status",
        ("cancelled",),
        ("cancellation_reason",),
        {"status": "planned", "cancellation_reason": {"original": "Absente"}},
    ),
)

VISIT_RULES = (
    require_one_filled("validate.record.undated", "planned_start", "stamped_start", "stamped_end", "retained_start"),
    require_instant_order("validate.visit.planned_end_before_start", "planned_start", "planned_end"),
    require_instant_order("validate.visit.stamped_end_before_start", "stamped_start", "stamped_end", warns=True),
    require_instant_order(
        "validate.visit.retained_end_not_after_start", "retained_start", "retained_end", strictly=True
    ),
    Rule(
        "validate.visit.adjustment_contradicts_stamps",
        _STAMPS,
        _has_expected_stamps,
        _has_expected_stamps_expr,
        warns=True,
        counter_example={"adjustment": _make_code("COA"), "stamped_start": _EIGHT},
    ),
    Rule(
        # SUP deletes a visit: it cannot have been done.
        "validate.visit.deleted_not_cancelled",
        ("adjustment", "status"),
        lambda record: record.status in ("cancelled", "missed") or not _has_adjustment(record, ("SUP",)),
        lambda: pl.col("status").is_in(("cancelled", "missed")) | ~_has_adjustment_expr("SUP"),
        counter_example={"adjustment": _make_code("SUP"), "status": "done"},
    ),
    Rule(
        "validate.visit.raw_stamps_retained",
        _RETAINED,
        _ignores_raw_period,
        lambda: ~_has_adjustment_expr("HOR") | ~has_value("retained_start", "retained_end"),
        warns=True,
        counter_example={"adjustment": _make_code("HOR"), "retained_start": _EIGHT},
    ),
    Rule(
        "validate.visit.stamps_copy_plan",
        _TIMES,
        _has_own_stamps,
        _has_own_stamps_expr,
        warns=True,
        counter_example=dict(zip(_TIMES, (_EIGHT, _NINE, _EIGHT, _NINE), strict=True)),
    ),
    reserve_for(
        "validate.cancellation.unexpected",
        "status",
        ("cancelled", "missed"),
        _CANCELLATION,
        {"status": "done", "cancelled_by": {"original": "Initiative du client"}},
    ),
    Rule(
        # 1.5 hours and 1.5 visits are not the same money.
        "validate.visit.quantity_without_unit",
        ("billed_quantity", "billed_unit"),
        lambda record: record.billed_quantity is None or record.billed_unit is not None,
        lambda: pl.col("billed_quantity").is_null() | has_value("billed_unit"),
        warns=True,
        counter_example={"billed_quantity": "1.5", "billed_unit": None},
    ),
)
