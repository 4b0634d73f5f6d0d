"""Where the time of a run went, as people and programs read it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from passerelle.documents.text_table import write_table
from passerelle.vocabulary.formatting import format_number
from passerelle.vocabulary.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.engine.stopwatch import Stopwatch

STAGES: Mapping[str, str] = MappingProxyType(
    {
        "decode": N_("decode"),
        "translate": N_("translate"),
        "validate": N_("validate"),
        "gate": N_("purpose and consent"),
        "encode": N_("write as JSON"),
        "compare": N_("compare with what is known"),
        "deliver": N_("deliver"),
        "settle": N_("settle"),
        "waiting": N_("wait for the next batch"),
    },
)


def to_content(watch: Stopwatch) -> dict[str, Any]:
    """Return the seconds of each stage, and of the process."""
    stages = [
        {"stage": name, "wall": round(spent.wall, 3), "cpu": round(spent.cpu, 3)}
        for name, spent in watch.stages.items()
    ]
    whole = watch.total
    return {"stages": stages, "wall": round(whole.wall, 3), "cpu": round(whole.cpu, 3)}


def format_text(watch: Stopwatch) -> str:
    """Write the seconds of each stage as a table."""
    whole = watch.total
    rows = [(_(STAGES[name]), spent) for name, spent in watch.stages.items()]
    # not the sum of the stages: they overlap, and together they last longer than the run
    rows.append((_("the run, with the threads of polars"), whole))
    headers = (_("stage"), _("seconds"), _("processor seconds"))
    return write_table(
        headers, [(name, format_number(spent.wall, 2), format_number(spent.cpu, 2)) for name, spent in rows]
    )
