"""Fields that a parcel says nothing of: kept record by record, warned of only where nobody decided it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.engine.records.unsaid_fields import UnsaidFields, to_series


def mask(*flags):
    return np.array(flags, dtype=np.bool_)


MASKS = st.integers(0, 6).flatmap(
    lambda height: st.tuples(
        st.just(height),
        st.dictionaries(
            st.sampled_from([f"champ_{nth}" for nth in range(10)]),
            st.lists(st.booleans(), min_size=height, max_size=height).map(lambda flags: mask(*flags)),
        ),
    )
)


@given(MASKS)
def test_each_record_names_its_own_unsaid_fields_in_order(drawn):
    height, masks = drawn
    names = UnsaidFields(masks).list_names(height)
    assert names == [tuple(name for name in sorted(masks) if masks[name][row]) for row in range(height)]
    assert len({id(some) for some in names}) == len(set(names))


def test_a_guess_is_of_use_only_for_records_that_the_destination_has():
    unsaid = {"note": mask(True, True, False)}
    known = mask(True, False, True)
    assert UnsaidFields(unsaid, guessed=True).restrict(known).masks["note"].tolist() == [True, False, False]
    assert UnsaidFields(unsaid).restrict(known).masks["note"].tolist() == [True, True, False]


def test_records_are_chosen_with_their_masks_in_the_order_that_is_asked_for():
    chosen = UnsaidFields({"note": mask(True, False, False)}, frozenset({"note"})).select(np.array([2, 0]))
    assert (chosen.masks["note"].tolist(), chosen.partly) == ([False, True], {"note"})


def test_a_default_of_the_connector_is_not_taken_for_the_parcel_s_word():
    frame = pl.DataFrame({"status": ["done", "done"], "ref": ["a", "b"]})
    unsaid = UnsaidFields({"status": mask(False, True), "absent": mask(True, True), "ref": mask(False, False)})
    assert unsaid.drop_unsaid(frame).rows() == [("done", "a"), (None, "b")]


@pytest.mark.parametrize(
    ("guessed", "partly", "codes"),
    [
        (False, frozenset(), []),
        (True, frozenset(), ["translate.field.unsaid"]),
        (False, frozenset({"telecoms"}), ["translate.field.partly_said"]),
        (True, frozenset({"telecoms"}), ["translate.field.partly_said"]),
    ],
)
def test_what_stays_without_anybody_s_decision_is_told_with_its_number(guessed, partly, codes):
    unsaid = UnsaidFields(
        {"telecoms": mask(True, False, True), "note": mask(False, False, False)}, partly, guessed=guessed
    )
    warned = list(unsaid.iter_warnings("gens"))
    assert [one.reason for one in warned] == codes
    assert {(one.place.member, one.place.field, one.details["count"]) for one in warned} <= {("gens", "telecoms", "2")}


def test_a_record_that_says_everything_has_no_list():
    assert to_series([("a", "b"), ()]).to_list() == [["a", "b"], None]
