"""The supplier's words that a connector's code tables have."""

from __future__ import annotations

from passerelle.stages import translate as to
from passerelle.stages.translate.plan import compile_plan


def test_words_of_tables_and_labels_count_wherever_they_stand_and_those_of_functions_do_not():
    fields = {
        "ref": to.Ref("N", system="a", entity="person"),
        "gir": to.FirstOf(to.Code("G", table={"GIR 1": "1"}), to.Constant({"original": "Inconnu"})),
        "sex": to.Code("S", labels={"F": "Femme"}),
        "title": to.Code("C", system="x"),
        "mobility": to.PerRecord(("M",), parse=lambda _row: None, render=lambda _value: {}, faithful=False),
    }
    plan = compile_plan([to.Table(contract="person/1", fields=fields)], supplier="a")
    assert plan.words["person/1"] == {"gir": {"GIR 1", "Inconnu"}, "sex": {"F"}}
