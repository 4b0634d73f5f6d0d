"""The release matrix: what is published is what the code does, and widening is refused."""

from __future__ import annotations

import pytest

from passerelle import contracts
from passerelle.contracts.field_meta import Purpose, RecipientKind
from passerelle.contracts.publishing.publication import find_narrowings, find_widenings
from passerelle.contracts.publishing.release_matrix import MATRIX, find_changes, read_matrix, write_matrix
from passerelle.contracts.release import NEVER, find_condition, find_release

LINE = "visit/1;stamped_start;effectivity;"
NOW = write_matrix()


def with_line(line):
    lines = [line if one.startswith(LINE) else one for one in NOW.decode().splitlines()]
    return "\n".join(filter(None, lines)).encode() + b"\n"


def test_the_matrix_reads_back_as_the_rules_and_what_it_lacks_never_goes():
    matrix = read_matrix(NOW)
    for contract in contracts.catalogue().values():
        for name in contract.model_fields:
            for purpose in Purpose:
                for kind in RecipientKind:
                    release, condition = matrix.get((contract.about.id, name, purpose, kind), (NEVER, ""))
                    assert release == find_release(contract, name, purpose, kind)
                    assert condition == (find_condition(contract, name, purpose, kind) or "")


@pytest.mark.parametrize(
    ("before", "wider", "narrower"),
    [
        ("never;never;never;never;never", 4, 0),
        ("", 4, 0),
        ("open;open;open;open;never", 0, 4),
        ("open if ground;open if ground;open if ground;open if ground;never", 4, 0),
        ("open if consultation;open if consultation;open if consultation;open if consultation;open", 0, 1),
        ("pseudonym;open if consultation;open if consultation;open if consultation;never", 1, 0),
    ],
)
def test_what_is_wider_and_what_is_narrower_than_before_is_told_cell_by_cell(before, wider, narrower):
    found = find_changes(with_line(before and LINE + before), NOW)
    assert tuple(map(len, found)) == (wider, narrower)
    assert all(cell.startswith("visit/1 stamped_start effectivity ") for cell in (*found[0], *found[1]))


def test_a_field_that_was_in_no_line_comes_with_its_edition():
    before = b"\n".join(line for line in NOW.splitlines() if b";stamped_start;" not in line) + b"\n"
    assert find_changes(before, NOW) == ([], [])


def test_publishing_says_what_would_be_wider_and_what_is_narrower(tmp_path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_LANG", "en")
    assert (find_widenings(tmp_path), find_narrowings(tmp_path)) == ([], [])
    (tmp_path / MATRIX).write_bytes(with_line(f"{LINE}never;open;open;open;never"))
    assert [("«visit/1 stamped_start effectivity self»" in line) for line in find_widenings(tmp_path)] == [True]
    assert len(find_narrowings(tmp_path)) == 3


def test_what_is_no_matrix_is_refused():
    for content in (b"a;b\n", NOW.replace(b";open", b";OPEN?", 1)):
        with pytest.raises(ValueError, match="release"):
            read_matrix(content)
