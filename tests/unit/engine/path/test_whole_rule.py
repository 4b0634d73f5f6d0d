"""Of which contracts, and of which days, the exports of a flow are whole: the settings first, then the connector."""

from __future__ import annotations

import pytest
from whole_exports import PLANNING, Exports, counts, write_persons

from passerelle.engine.path.whole_rule import ContractRule, WholeRule, make_whole_rule
from passerelle.vocabulary.errors import FlowError


def make_rule(exports: Exports) -> WholeRule | None:
    with exports.open() as workspace:
        flow = workspace.settings.get_flow("un")
        return make_whole_rule(flow, workspace.plugins.find_connector(flow.connector)[1])


def test_the_connector_says_what_is_whole_where_the_settings_are_silent(tmp_path):
    rule = make_rule(Exports.at(tmp_path, PLANNING))
    assert rule is not None
    assert rule.contracts == {
        "planned_visit/1": ContractRule("planned_start", "visit/1", "visit/1"),
        "visit/1": ContractRule("planned_start", "visit/1", ""),
    }
    assert (rule.fields, rule.per) == ({"ref", "planned_start"}, "day")


def test_the_settings_can_say_no_to_a_connector_that_says_whole(tmp_path):
    assert make_rule(Exports.at(tmp_path, PLANNING, whole="false")) is None


def test_the_settings_can_name_the_contracts_and_the_period(tmp_path):
    rule = make_rule(Exports.at(tmp_path, PLANNING, whole='{ contracts = ["visit/1"], per = "month" }'))
    assert rule == WholeRule({"visit/1": ContractRule("planned_start", "visit/1", "")}, "month")


def test_an_export_without_days_holds_every_record(tmp_path):
    rule = make_rule(Exports.at(tmp_path))
    assert rule == WholeRule({"person/1": ContractRule("", "person/1", "")})
    assert rule.fields == {"ref"}


def test_a_contract_without_the_field_of_the_day_is_left_out(tmp_path):
    rule = make_rule(Exports.at(tmp_path, PLANNING, whole='{ within = "stamped_start" }'))
    assert rule is not None
    assert rule.contracts.keys() == {"visit/1"}


@pytest.mark.parametrize(
    ("whole", "field"), [('{ within = "planned_start" }', "planned_start"), ('{ contracts = ["visit/1"] }', "–")]
)
def test_a_rule_that_no_contract_can_hold_is_refused(tmp_path, whole, field):
    exports = Exports.at(tmp_path, whole=whole)
    with pytest.raises(FlowError) as caught:
        make_rule(exports)
    assert (caught.value.code, caught.value.details["field"]) == ("settings.whole.no_field", field)


def test_without_the_setting_nothing_is_kept_or_told(tmp_path):
    exports = Exports.at(tmp_path, whole="false")
    exports.send(write_persons(range(10)))
    assert counts(exports.send(write_persons(range(2)))) == (0, 0)
    assert list((tmp_path / "etat" / "listes").iterdir()) == []
