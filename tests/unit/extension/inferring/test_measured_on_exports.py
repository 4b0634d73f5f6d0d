"""How much of the truth is found on each invented export, and how much of what is proposed is true."""

from __future__ import annotations

import sys

import pytest
from unit.extension.inferring.exports import EXPORTS, proposed, truth_of

LEAST = 0.8


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.stem)
def test_most_of_the_truth_is_found_and_little_else(path, capsys):
    truth = truth_of(path)
    found = proposed(path, contract=truth.contract).fields
    assert set(truth.columns) >= set(found)
    present = [column for column, field in truth.columns.items() if field]
    right = [column for column in present if truth.columns[column] in found.get(column, ())]
    recall, precision = len(right) / len(present), len(right) / len(found)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{path.stem:32} recall {recall:4.0%}  precision {precision:4.0%}  {len(right)}/{len(present)} columns\n"
        )
    assert recall >= LEAST
    assert precision >= LEAST


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.stem)
def test_the_contract_is_recognised_without_the_name_of_the_file(path):
    assert proposed(path).contract == truth_of(path).contract


def test_there_are_at_least_ten_exports_of_about_twenty_columns():
    assert len(EXPORTS) >= 10
    assert all(len(truth_of(path).columns) >= 18 for path in EXPORTS)
