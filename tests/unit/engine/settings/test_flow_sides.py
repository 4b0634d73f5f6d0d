"""An error about one end of a flow says which end, and what the settings call it; never an address with a secret."""

from __future__ import annotations

import pytest

from passerelle.engine.settings.flow_sides import name_place, name_side
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.vocabulary.errors import FlowError, TransientError
from passerelle.vocabulary.language import set_language

FLOW = """
[flow.un]
connector = "gens"
purpose = "support"
source = { kind = "folder", path = "entrées" }
destination = { kind = "api", base_url = "https://api.example.org/chemin", path = "/x" }
[flow.deux]
connector = "gens"
purpose = "support"
source = { kind = "inbox", secret = "env:S" }
destination = { kind = "database", url = "env:BASE" }
"""


@pytest.fixture
def flows(tmp_path):
    path = tmp_path / "passerelle.toml"
    path.write_text(FLOW, "utf-8")
    return load_settings(path).flows


def test_each_side_is_named_as_the_settings_do(flows):
    assert [name_place(flows["un"].source), name_place(flows["un"].destination)] == ["entrées", "api.example.org"]
    assert [name_place(flows["deux"].source), name_place(flows["deux"].destination)] == ["", ""]


@pytest.mark.parametrize(("side", "words"), [("source", "Source « entrées »"), ("destination", "Destination « api.")])
def test_a_sentence_says_which_side_it_is_about(flows, side, words):
    set_language("fr")
    with pytest.raises(TransientError) as caught, name_side(flows["un"], side):
        raise TransientError("incident.supplier.unreachable")
    assert words in str(caught.value).replace("\u00a0", " ")


def test_what_is_about_no_side_and_what_has_one_already_stay_as_they_are(flows):
    with pytest.raises(FlowError) as caught, name_side(flows["un"], "source"):
        raise FlowError("settings.connector.no_api", connector="x")
    assert set(caught.value.details) == {"connector"}
    with pytest.raises(FlowError) as caught, name_side(flows["un"], "destination"), name_side(flows["un"], "source"):
        raise FlowError("incident.folder.unreadable")
    assert caught.value.details["at_side"] == "source"
