"""`make bench`: the product beside the plain loop and the floor, in speed, memory, scale, delivery and start-up.

python bench.py [--rows 100000 1000000] [--times 5] [--only jobs scaling …] [--peers PYTHON] [--docs docs]

With `--kept FILE`, what was measured is kept there section by section, and what the file holds already is in the page.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import document_sections
import parts
import peer_sections
import sections
from page import Results, chart, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KNOWN = 1_000_000
_DELIVERED = 10_000
_DOCUMENT = 200_000_000
_SCALE = (500_000, 5_000_000)
_SPOILT = 200_000
_SMALL = 1_000
_SHARES = (0.01, 0.2, 1.0)
_WIDE = (12, 4_000)
_MONTH = (400, 12_000)
"""Persons and visits."""
_CASES = 1_500
_MESSAGES = 1_000
_ON_CORES = 1_000_000
_BESIDE_PEERS = 100_000
_READ_BY_PEERS = 20_000_000


def _jobs(results: Results, asked: argparse.Namespace, options: sections.Options) -> None:
    for rows in asked.rows:
        results.jobs[rows] = sections.the_job(rows, options)


def _small(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.small, results.small_rows = sections.small(_SMALL, options), _SMALL


def _scaling(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.scaling = sections.scaling(_SCALE, options)


def _spoilt(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.spoilt, results.spoilt_rows = sections.spoilt(_SPOILT, _SHARES, options), _SPOILT


def _documents(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.documents, results.document_size = document_sections.long_documents(_DOCUMENT, options), _DOCUMENT


def _malformed(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.malformed, results.document_size = document_sections.malformed(_DOCUMENT, options), _DOCUMENT


def _shapes(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.shapes = document_sections.real_shapes(_MONTH, _CASES, options)


def _wide(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.wide, results.wide_columns = document_sections.wide(*_WIDE, options), _WIDE[1]


def _messages(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.messages = document_sections.messages(_MESSAGES, options)


def _cores(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.cores, results.cores_rows = document_sections.cores(_ON_CORES, options), _ON_CORES


def _parts(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.start_parts, results.small_rows = parts.start_parts(_SMALL, options), _SMALL
    results.bad_parts, results.spoilt_rows = sections.staged(_SPOILT, bad=1.0), _SPOILT


def _delivery(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.delivery, results.delivered = sections.delivery(_DELIVERED, options), _DELIVERED


def _unchanged(results: Results, _asked: argparse.Namespace, _options: sections.Options) -> None:
    results.unchanged, results.known = sections.unchanged(_KNOWN), _KNOWN


def _journalled(results: Results, _asked: argparse.Namespace, _options: sections.Options) -> None:
    results.journalled, results.known = sections.staged(_KNOWN), _KNOWN


def _recalled(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.recalled, results.known = sections.recalled(_KNOWN, options), _KNOWN


def _starts(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.starts = sections.start_up(options)


def _peers(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.peers, results.peer_rows = peer_sections.peers_of_the_job(_BESIDE_PEERS, options), _BESIDE_PEERS


def _document_peers(results: Results, _asked: argparse.Namespace, options: sections.Options) -> None:
    results.document_peers = peer_sections.peers_of_documents(_READ_BY_PEERS, options)
    results.peer_size = _READ_BY_PEERS


SECTIONS: Mapping[str, Callable[[Results, argparse.Namespace, sections.Options], None]] = {
    "jobs": _jobs,
    "small": _small,
    "scaling": _scaling,
    "spoilt": _spoilt,
    "documents": _documents,
    "malformed": _malformed,
    "shapes": _shapes,
    "wide": _wide,
    "messages": _messages,
    "cores": _cores,
    "delivery": _delivery,
    "unchanged": _unchanged,
    "journalled": _journalled,
    "recalled": _recalled,
    "starts": _starts,
    "parts": _parts,
    "peers": _peers,
    "document-peers": _document_peers,
}
_NEED_PEERS = ("peers", "document-peers")


def _load(kept: Path | None) -> Results | None:
    if kept is None or not kept.exists():
        return None
    found: Results = pickle.loads(kept.read_bytes())  # noqa: S301  this script wrote it
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", choices=SECTIONS, nargs="+", default=list(SECTIONS))
    parser.add_argument("--peers", type=Path, default=None)
    parser.add_argument("--docs", type=Path, default=None)
    parser.add_argument("--kept", type=Path, default=None)
    asked = parser.parse_args()
    results = _load(asked.kept) or Results(asked.times)
    if results.times != asked.times:
        raise SystemExit(f"what is kept was measured {results.times} times: --times {results.times}, or another file")
    options = sections.Options(asked.times, asked.peers and asked.peers.absolute())
    for name in asked.only:
        if name in _NEED_PEERS and not asked.peers:
            sys.stderr.write(f"{name}: no environment of the peers (--peers)\n")
            continue
        sys.stderr.write(f"{name} …\n")
        SECTIONS[name](results, asked, options)
        if asked.kept:
            asked.kept.write_bytes(pickle.dumps(results))
    text = written(results)
    sys.stdout.write(text)
    if asked.docs:
        (asked.docs / "performance.md").write_text(text, encoding="utf-8")
        if results.jobs:
            largest = max(results.jobs)
            (asked.docs / "performance.svg").write_text(chart(results.jobs[largest], largest), encoding="utf-8")


if __name__ == "__main__":
    main()
