"""`passerelle register`: flows and changes of supplier, and how much is left to complete."""

from __future__ import annotations

import json

SWITCH = """
[side.ancien]
title = "Ancien logiciel"
exports = [{ connector = "compani-interventions", path = "exports/*.csv" }]
[side.nouveau]
title = "Nouveau logiciel"
exports = [{ contract = "visit/1", path = "nouveau.ndjson" }]
[switch.bascule]
from = "ancien"
to = "nouveau"
"""


def test_changes_of_supplier_beside_the_settings_are_activities_and_blanks_are_counted(program, folder):
    (folder / "switch.toml").write_text(SWITCH, "utf-8")
    made = program("register", "--output", "registre")
    assert made.code == 0
    assert "to be completed" in made.err
    content = json.loads((folder / "registre" / "registre.json").read_text("utf-8"))
    assert [(one["flow"], one["kind"]) for one in content["activities"]] == [("visites", "flow"), ("bascule", "switch")]
    assert content["activities"][1]["supplier"] == "Ancien logiciel"
    assert content["to_complete"] > 0
    assert "Ancien logiciel" in (folder / "registre" / "registre.html").read_text("utf-8")


def test_a_broken_switch_file_is_an_error_and_none_is_no_activity(program, folder):
    assert len(program("register", "--format", "json").json["activities"]) == 1
    (folder / "switch.toml").write_text("[switch.x]\nfrom = 'a'\nto = 'b'\n", "utf-8")
    assert program("register").code == 64
