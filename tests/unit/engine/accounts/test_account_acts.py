"""Accounts: an invitation opens once, a code serves once, and what is wrong is never told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from turned_clock import TurnedClock
from workbench_room import FLOW, PLUGINS, SETTINGS, settle_in

from passerelle.engine.accounts import account_acts
from passerelle.engine.accounts.second_factor import compute_code, find_step, make_address, make_code_key
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace
from passerelle.vocabulary.errors import UsageError

SECRET = "quatre mots sans rapport"


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
def workspace(tmp_path, clock):
    with open_workspace(load_settings(settle_in(tmp_path, SETTINGS)), plugins=PLUGINS, clock=clock) as opened:
        yield opened


def show_code(key: str, clock) -> str:
    return compute_code(key, int(clock.now().timestamp()) // 30)


def enrol(workspace, clock, name: str = "Marie", roles=("trieur",)):
    code = account_acts.issue_invitation(workspace, name, roles=roles, flows=[FLOW], who="racine")
    enrolment = account_acts.begin_enrolment(workspace, name, code, SECRET)
    return account_acts.end_enrolment(workspace, enrolment, show_code(enrolment.code_key, clock)), enrolment


def _fail(act) -> str:
    with pytest.raises(UsageError) as caught:
        act()
    return caught.value.code


def test_who_was_invited_signs_in_with_a_secret_and_a_code_that_serves_once(workspace, clock):
    account, enrolment = enrol(workspace, clock)
    assert (account.name, account.roles, account.flows, account.is_open) == ("marie", ("trieur",), (FLOW,), True)
    prove = lambda secret, code: account_acts.prove_owner(workspace, " MARIE ", secret, code)  # noqa: E731  said once
    # the code that opened the account was used
    assert prove(SECRET, show_code(enrolment.code_key, clock)) is None
    clock.sleep(30)
    code = show_code(enrolment.code_key, clock)
    assert prove("un autre mot de passe", code) is None
    assert prove(SECRET, "000000" if code != "000000" else "111111") is None
    assert prove(SECRET, code) is not None
    assert prove(SECRET, code) is None
    assert account_acts.prove_owner(workspace, "personne", SECRET, code) is None


def test_an_invitation_opens_once_soon_and_for_its_owner_alone(workspace, clock):
    code = account_acts.issue_invitation(workspace, "ali", roles=["auditeur"], flows=[], who="racine")
    begin = lambda name, given: account_acts.begin_enrolment(workspace, name, given, SECRET)  # noqa: E731  said once
    assert begin("marie", code) is None
    assert begin("ali", "") is None
    assert begin("ali", code[::-1]) is None
    first, second = begin("ali", code), begin("ali", code)
    assert account_acts.end_enrolment(workspace, first, "abc") is None
    assert account_acts.end_enrolment(workspace, first, show_code(first.code_key, clock)) is not None
    assert account_acts.end_enrolment(workspace, second, show_code(second.code_key, clock)) is None
    assert begin("ali", code) is None
    late = account_acts.issue_invitation(workspace, "léa", roles=["lecteur"], flows=[], who="racine")
    clock.sleep(timedelta(days=7).total_seconds())
    assert begin("léa", late) is None
    assert code not in repr(first) + repr(workspace.journal.list_accounts())


def test_a_closed_account_opens_for_nobody_and_begins_anew_with_an_invitation(workspace, clock):
    _account, enrolment = enrol(workspace, clock)
    account_acts.disable(workspace, "marie", who="racine")
    clock.sleep(60)
    assert account_acts.prove_owner(workspace, "marie", SECRET, show_code(enrolment.code_key, clock)) is None
    again, _enrolment = enrol(workspace, clock)
    assert again.is_open
    account_acts.replace_roles(workspace, "marie", roles=["lecteur"], flows=[], who="racine")
    assert workspace.journal.find_account("marie").roles == ("lecteur",)
    acts = [entry.action for entry in workspace.journal.list_audit_entries()]
    assert acts == ["account.invite", "account.disable", "account.invite", "account.change"]


def test_what_cannot_be_an_account_is_refused(workspace):
    def invite(name, roles, flows=()):
        return account_acts.issue_invitation(workspace, name, roles=roles, flows=flows, who="x")

    assert _fail(lambda: invite("", ["lecteur"])) == "usage.account.name"
    assert _fail(lambda: invite("a\u202eb", ["lecteur"])) == "usage.account.name"
    assert _fail(lambda: invite("x" * 81, ["lecteur"])) == "usage.account.name"
    assert _fail(lambda: invite("ali", [])) == "usage.account.roles"
    assert _fail(lambda: invite("ali", ["administrateur", "trieur"])) == "usage.account.both"
    assert _fail(lambda: invite("ali", ["lecteur"], ["nulle-part"])) == "usage.flow.unknown"
    assert _fail(lambda: account_acts.disable(workspace, "ali", who="x")) == "usage.account.unknown"
    assert _fail(lambda: account_acts.begin_enrolment(workspace, "ali", "x", "court")) == "usage.account.secret"
    assert workspace.journal.list_accounts() == ()


def test_nothing_of_an_account_lies_in_clear(workspace, clock):
    _account, enrolment = enrol(workspace, clock, "Zzyx Marquée")
    content = b"".join(path.read_bytes() for path in workspace.settings.state.rglob("*") if path.is_file())
    for text in ("zzyx marquée", "Zzyx", SECRET, enrolment.code_key):
        assert text.encode() not in content


def test_codes_are_those_of_the_standard():
    # RFC 6238, appendix B, the last six of its eight digits
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [compute_code(key, step) for step in (1, 37037036, 66666666)] == ["287082", "081804", "279037"]
    clock = TurnedClock()
    own = make_code_key()
    step = int(clock.now().timestamp()) // 30
    assert find_step(own, compute_code(own, step - 1), clock.now()) == step - 1
    assert find_step(own, compute_code(own, step - 9), clock.now()) is None
    assert find_step(own, "12345", clock.now()) is None
    assert find_step(own, "١٢٣٤٥٦", clock.now()) is None
    assert make_address(own, "marie b").startswith("otpauth://totp/Passerelle:marie%20b?secret=")
