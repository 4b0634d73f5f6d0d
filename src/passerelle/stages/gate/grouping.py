"""Groups of figures: a record shows only what records of enough other people in its batch show as well.

The columns are emptied one by one, the most telling first, in the records whose combination too few share, until it is
shared; what is left over in the end does not go. So every combination of what goes, empty cells included, stands in
records of at least `least` people, and so in those of as many of any number of batches together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_RUNG = "\0rung"
_AT = "\0at"
_WHO = "\0who"


def form_groups(
    frame: pl.DataFrame, least: Mapping[str, int], required: Collection[str], people: pl.Series
) -> tuple[pl.DataFrame, list[pl.Series], pl.Series]:
    """Return the records that may go, how many known values each record loses by column, and which records go.

    `least` names the columns that tell of somebody, with the size of the group that may show a value of each; one that
    is `required` is never emptied. A column of `least` that the frame lacks counts as empty. `people` says whose each
    record is: forty visits of one person are no crowd. The last two have a row for each record of `frame`.
    """
    names = [name for name in least if name in frame.columns]
    if not names or not frame.height:
        return frame, [], pl.repeat(value=True, n=frame.height, dtype=pl.Boolean, eager=True)
    order = _order(codes := _encode(frame, names), names, required)
    codes = codes.with_columns(people.hash(0).alias(_WHO))
    rungs = _climb(codes, order, least, sum(name not in required for name in order))
    reached = frame.with_columns(rungs.alias(_RUNG))
    places = {name: place for place, name in enumerate(order) if name not in required}
    emptied = reached.select(
        (pl.col(name).is_not_null() & (pl.col(_RUNG) > place)).fill_null(value=False).cast(pl.Int64).alias(name)
        for name, place in places.items()
    )
    shown = [pl.when(pl.col(_RUNG) <= place).then(pl.col(name)).alias(name) for name, place in places.items()]
    goes = rungs.is_not_null()
    lost = [column for column in emptied if column.sum()]
    return reached.with_columns(shown).drop(_RUNG).filter(goes), lost, goes


def _encode(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the columns as numbers, which are compared faster than objects and lists; null stays null."""
    return frame.select(
        *(pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash(0)).alias(name) for name in names)
    ).with_row_index(_AT)


def _order(codes: pl.DataFrame, names: Sequence[str], required: Collection[str]) -> list[str]:
    """Return the columns in the order in which they are emptied: most distinct values first, required ones last."""
    distinct = codes.select(pl.col(names).n_unique()).row(0, named=True)
    return sorted(names, key=lambda name: (name in required, -distinct[name], name))


def _climb(codes: pl.DataFrame, order: Sequence[str], least: Mapping[str, int], steps: int) -> pl.Series:
    """Return, for each record, how many columns are emptied; null when it may not go at all."""
    smallest, reached = min(least.values()), []
    # Rows are counted faster than distinct people: where nobody has two records, it is the same.
    count = pl.len() if codes.get_column(_WHO).n_unique() == codes.height else pl.col(_WHO).n_unique()
    remaining = codes
    for rung in range(steps + 1):
        shown = order[rung:]
        wanted = [pl.when(pl.col(name).is_not_null()).then(least[name]) for name in shown if least[name] > smallest]
        enough = pl.max_horizontal(pl.lit(smallest), *wanted)
        size = count.over(shown) if shown else count
        judged = remaining.with_columns((size >= enough).alias(_RUNG))
        reached.append(judged.filter(pl.col(_RUNG)).select(_AT, pl.lit(rung, pl.Int32).alias(_RUNG)))
        remaining = judged.filter(~pl.col(_RUNG)).drop(_RUNG)
        if not remaining.height:
            break
    found = pl.concat(reached)
    return codes.select(_AT).join(found, on=_AT, how="left", maintain_order="left").get_column(_RUNG)
