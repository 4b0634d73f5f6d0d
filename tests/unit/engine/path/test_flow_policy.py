"""The policy of a flow says what may go, also when nobody made a policy of release for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passerelle.contracts.field_meta import DataSubject, Purpose, Sensitivity
from passerelle.contracts.release_policy import ExtraColumn, ReleasePolicy
from passerelle.engine.path.flow_policy import FlowPolicy
from passerelle.stages import translate as to
from passerelle.stages.translate.plan import compile_plan

PLAN = compile_plan(
    [to.Table(contract="person/1", fields={"ref": to.Ref("N", system="a", entity="person")})], supplier="a"
)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_flow_without_a_policy_of_release_has_that_of_its_purpose(purpose):
    policy = FlowPolicy(plan=PLAN, purpose=purpose)
    assert policy.releases == ReleasePolicy.of_purpose(purpose)
    assert policy.delivers_extra is (purpose is Purpose.PORTABILITY)


def test_a_flow_that_names_a_column_outside_the_contract_delivers_some_of_them():
    column = ExtraColumn(
        title="Équipe", subject=DataSubject.NONE, sensitivity=Sensitivity.ORDINARY, purposes=(Purpose.PLANNING,)
    )
    release = replace(ReleasePolicy.of_purpose(Purpose.PLANNING), columns={"Équipe": column})
    assert FlowPolicy(plan=PLAN, purpose=Purpose.PLANNING, release=release).delivers_extra
