"""The destination's own ids, page by page: what takes a move back stands on them."""

from __future__ import annotations

FLOW = "visites"
CONTRACT = "visit/1"


def _pages(journal, limit):
    found, after = [], b""
    while page := journal.page_remote_ids(FLOW, CONTRACT, after, limit):
        found.append([remote for _key, remote in page])
        after = page[-1][0]
    return found


def test_ids_come_page_by_page_in_the_order_of_pseudonyms(registered, make):
    records = [make.known(bytes([48 + n]), remote=f"n° {n}") for n in range(5)]
    registered.settle(make.settlement(0, known=records))
    assert _pages(registered, 2) == [["n° 0", "n° 1"], ["n° 2", "n° 3"], ["n° 4"]]
    assert registered.page_remote_ids("other", CONTRACT) == []


def test_a_forgotten_id_is_empty_and_its_record_stays_known(registered, make):
    records = [make.known(bytes([48 + n]), remote=f"n° {n}") for n in range(3)]
    registered.settle(make.settlement(0, known=records))
    registered.forget_remote_ids(FLOW, CONTRACT, [records[1].ref_keys])
    assert _pages(registered, 9) == [["n° 0", "", "n° 2"]]
    assert registered.find_known(FLOW, CONTRACT, [records[1].ref_keys])[records[1].ref_keys].remote_id == ""
    assert registered.count_known(FLOW, CONTRACT) == 3
