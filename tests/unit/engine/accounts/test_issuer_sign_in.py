"""What groups give, and what an invitation that waits is; the way through a provider is walked with its pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from turned_clock import TurnedClock
from workbench_room import PLUGINS, SETTINGS, settle_in

from passerelle.engine.accounts import account_acts
from passerelle.engine.accounts.issuer_sign_in import find_invited, is_waiting, read_rights
from passerelle.engine.settings.oidc_settings import GroupRights, OidcSettings
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import UsageError

GROUPS = {
    "tri": GroupRights(role="trieur", flows=("visites",)),
    "tri-nord": GroupRights(role="trieur", flows=("nord",)),
    "tous": GroupRights(role="lecteur"),
    "chefs": GroupRights(role="administrateur"),
}
TERMS = OidcSettings(issuer="https://i.fr", client_id="p", title="I", groups=GROUPS)


def test_groups_give_their_roles_and_widen_no_others_flows():
    assert read_rights(TERMS, {"groups": ["tri", "inconnu", 3]}) == (("trieur",), ("visites",))
    assert read_rights(TERMS, {"groups": ["tri", "tri-nord", "tous"]}) == (("lecteur", "trieur"), ("nord", "visites"))
    assert read_rights(TERMS, {"groups": ["tous"]}) == (("lecteur",), ())
    with pytest.raises(UsageError) as caught:
        read_rights(TERMS, {"groups": ["tri", "chefs"]})
    assert caught.value.code == "usage.account.both"


@pytest.mark.parametrize(
    "claims", [{}, {"groups": "tri"}, {"groups": None}, {"groups": {"tri": True}}, {"autre": ["tri"]}]
)
def test_what_is_no_list_of_groups_gives_nothing(claims):
    assert read_rights(TERMS, claims) == ((), ())


def test_groups_are_found_below_a_dot():
    terms = TERMS.model_copy(update={"groups_claim": "realm_access.roles"})
    assert read_rights(terms, {"realm_access": {"roles": ["tous"]}}) == (("lecteur",), ())
    assert read_rights(terms, {"realm_access": ["tous"]}) == ((), ())


def test_an_invitation_waits_for_its_owner_for_a_week(tmp_path):
    clock = TurnedClock()
    with open_workspace(load_settings(settle_in(tmp_path, SETTINGS)), plugins=PLUGINS, clock=clock) as workspace:
        code = account_acts.issue_invitation(workspace, "Marie", roles=["lecteur"], flows=[], who="racine")
        account = find_invited(workspace, " MARIE ", f" {code} ")
        assert account is not None
        assert account.name == "marie"
        assert find_invited(workspace, "marie", "") is None
        assert find_invited(workspace, "marie", "-" * 64) is None
        assert find_invited(workspace, "ali", code) is None
        assert not is_waiting(replace(account, disabled_at=clock.now()), clock.now())
        clock.sleep(timedelta(days=7).total_seconds())
        assert find_invited(workspace, "marie", code) is None
