"""The files of findings: there whole or not at all, whatever happens to the disk."""

from __future__ import annotations

import sys

import pytest

from passerelle.switching.compare.side_findings import FindingLog, SideFinding
from passerelle.switching.difference_kinds import DifferenceKind

FINDING = SideFinding(DifferenceKind("changed_text"), "visit/1", ("comment",), before=("CANARI",), after=("x",))


def test_findings_and_their_values_are_there_once_the_log_is_closed(tmp_path):
    with FindingLog(tmp_path / "a.ndjson", str, tmp_path / "b.ndjson") as log:
        log.add([FINDING])
    assert {path.name: "CANARI" in path.read_text("utf-8") for path in tmp_path.iterdir()} == {
        "a.ndjson": False,
        "b.ndjson": True,
    }


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_disk_that_is_full_at_the_end_leaves_no_half_file_and_no_draft_with_values(tmp_path):
    import resource  # noqa: PLC0415  not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(OSError, match="large"), FindingLog(tmp_path / "a", str, tmp_path / "b") as log:  # noqa: PT012  the limit is for the end alone
            log.add([FINDING])
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
