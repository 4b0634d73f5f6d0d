"""The form of a state says the same as the common one under other names, in both directions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from passerelle.testing.samples import read_expected
from passerelle_plugin_evv.forms import FORMS

SAMPLES = Path(__file__).parents[1] / "samples"
STATES = [name for name in FORMS if name]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("sample", ["nominal", "oddities"])
def test_the_same_visits_give_the_same_records_in_the_form_of_a_state(state, sample):
    common, of_state = (
        read_expected(folder / f"{sample}.json") for folder in (SAMPLES / "visits", SAMPLES / f"visits-{state}")
    )
    bare = [
        [
            {name: value for name, value in line["record"].items() if name != "extra"}
            for line in lines
            if "record" in line
        ]
        for lines in (common, of_state)
    ]
    assert bare[0] == bare[1]
    assert [line.get("reason") for line in common] == [line.get("reason") for line in of_state]


@pytest.mark.parametrize("state", STATES)
def test_no_name_of_the_common_form_is_left_where_a_state_has_its_own(state):
    text = (SAMPLES / f"visits-{state}" / "nominal.json").read_text("utf-8")
    for old, new in FORMS[state].names.items():
        assert f'"{old.rpartition(".")[2]}"' not in text
        assert f'"{new}"' in text
    assert not {call["CallAssignment"] for visit in json.loads(text) for call in visit["Calls"]} - set(
        FORMS[state].ways
    )
