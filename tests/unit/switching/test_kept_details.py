"""A plan and a comparison come back from their kept form as they were; what says who somebody is does not go in."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from workbench_room import open_bench

from passerelle.faces.report import switch_comparison
from passerelle.stores.switch_findings import DIFFERENCES, WEIGHED
from passerelle.switching.compare.side_comparison import ExpectedLoss, RecordTally, SideComparison
from passerelle.switching.compare.side_findings import RecordPlace, SideFinding
from passerelle.switching.compare.similarity import PersonProposal
from passerelle.switching.compare.totals import ContractSums
from passerelle.switching.difference_kinds import DifferenceKind
from passerelle.switching.kept_details import keep_differences, read_differences, read_plan, read_shape, write_shape
from passerelle.switching.left_behind import LeftBehind, LeftKind
from passerelle.switching.plan.field_places import FieldPlace
from passerelle.switching.plan.planning import ContractPlan, FieldPlan, LinkPlan, MovePlan, MoveVerdict, UnreadPlan

SECRET = "Zzyx"
TEXTS, COUNTS = st.text(max_size=5), st.integers(0, 9)
KINDS = st.sampled_from(DifferenceKind)
PLACES = st.builds(FieldPlace, st.tuples(TEXTS), st.none() | COUNTS, st.dictionaries(TEXTS, TEXTS, max_size=2))
FIELDS = st.builds(
    FieldPlan,
    TEXTS,
    st.sampled_from(MoveVerdict),
    st.none() | PLACES,
    st.none() | PLACES,
    st.tuples(TEXTS),
    COUNTS,
    st.dictionaries(KINDS, COUNTS, max_size=2),
    st.dictionaries(TEXTS, COUNTS, max_size=2),
)
LEFT = st.builds(LeftBehind, TEXTS, st.sampled_from(LeftKind), TEXTS, COUNTS, TEXTS, COUNTS, TEXTS, TEXTS)
PLANS = st.builds(
    MovePlan,
    TEXTS,
    TEXTS,
    st.tuples(st.builds(ContractPlan, TEXTS, st.booleans(), st.tuples(FIELDS), COUNTS, COUNTS)),
    st.tuples(st.builds(LinkPlan, TEXTS, TEXTS, TEXTS, TEXTS, COUNTS)),
    st.booleans(),
    st.dictionaries(st.tuples(TEXTS, TEXTS, KINDS), COUNTS, max_size=2),
    st.tuples(st.builds(UnreadPlan, TEXTS, TEXTS, TEXTS, COUNTS)),
    st.tuples(LEFT),
)


@settings(max_examples=count_examples(30), deadline=None)
@given(PLANS)
def test_a_plan_comes_back_as_it_was(plan):
    assert read_shape(json.loads(json.dumps(write_shape(plan)))) == plan


def make_comparison() -> SideComparison:
    group = (DifferenceKind.TEXT, "interaction/1", ("note",))
    place = RecordPlace(1, "", 2)
    finding = SideFinding(group[0], group[1], group[2], (place,), (place,), (SECRET,), (SECRET,), (None,))
    received = dict.fromkeys(
        ("received", "delivered", "unchanged", "duplicate", "unreadable", "rejected", "withheld", "refused", "unknown"),
        0,
    )
    manifest = {
        "side": "ancien",
        "files": [{"number": 1, "reader": "atelier-contacts", "sha256": "0" * 64, "name": f"{SECRET}.csv"}],
        "balance": received | {"received": 2, "delivered": 2},
        "contracts": {},
    }
    months = ("2026-10", "", "")
    return SideComparison(
        manifest,
        manifest | {"side": "nouveau"},
        {"interaction/1": RecordTally(2, 2, 0, {"reference": 2})},
        [ExpectedLoss("interaction/1", "note", DifferenceKind.LOST, 1, 2)],
        {group: 1},
        {group: [finding]},
        {"origin": {("interaction/1", "person_ref"): 3}},
        {
            "interaction/1": (
                ContractSums(Counter({(*months, "count"): 2000, (*months, "same"): 5})),
                ContractSums(Counter({(*months, "count"): 1000, (*months, "same"): 5})),
            )
        },
        [PersonProposal(0.9, place, place, SECRET, SECRET, (SECRET, SECRET))] * 2,
        [LeftBehind("atelier-contacts", LeftKind.CARRIED, "Note", 2)],
    )


def test_kept_differences_give_the_same_report_and_nobody_is_named_in_them(tmp_path):
    comparison = make_comparison()
    with open_bench(tmp_path) as bench:
        house = bench.workspace
        assert read_differences(house, "bascule") is None
        keep_differences(house, "bascule", comparison, who="marie")
        kept = read_differences(house, "bascule")
        assert kept.who == "marie"
        assert switch_comparison.build_sections(kept.comparison) == switch_comparison.build_sections(comparison)
        assert kept.comparison.dangling == comparison.dangling
        (one,) = house.journal.list_switch_findings("bascule", DIFFERENCES, limit=9)
        assert SECRET not in json.dumps(one.content)


def test_what_another_edition_wrote_is_not_shown_rather_than_shown_wrongly(tmp_path):
    wrong = (
        None,
        {"shape": "Other", "parts": {}},
        {"shape": "MovePlan", "parts": {"origin": "a", "other": 1}},
        {"word": "LeftKind", "is": "other"},
        {"shape": "RecordPlace", "parts": {"file": 1, "member": "", "line": 2}},
    )
    with open_bench(tmp_path) as bench:
        journal = bench.workspace.journal
        for content in wrong:
            now = datetime(2026, 12, 1, tzinfo=UTC)
            journal.replace_switch_finding("bascule", WEIGHED, {"plan": content}, who="marie", now=now)
            journal.replace_switch_finding("bascule", DIFFERENCES, {"comparison": content}, who="marie", now=now)
            assert read_plan(bench.workspace, "bascule") is None
            assert read_differences(bench.workspace, "bascule") is None
