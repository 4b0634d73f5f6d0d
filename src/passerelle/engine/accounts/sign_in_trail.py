"""Who came in, who was turned away and by which way, in the audit trail: names of accounts that are there alone.

What somebody types for a name is not written: it may be a password in the wrong place, or somebody else's address.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from passerelle.engine.accounts.account_acts import normalise_name
from passerelle.engine.log import log

if TYPE_CHECKING:
    from passerelle.engine.workspace.assembly import Workspace


class SignInWay(StrEnum):
    """By what somebody signs in."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105  the name of a way
    INVITATION = "invitation"
    PASSKEY = "passkey"
    PROVIDER = "provider"


def record_sign_in(workspace: Workspace, name: str, way: SignInWay) -> None:
    """Write that somebody signed in."""
    workspace.journal.append_audit("account.sign_in", name, way.value, workspace.clock.now(), name)
    log("visitor_signed_in")


def record_refusal(workspace: Workspace, name: str, way: SignInWay, code: str = "") -> None:
    """Write that somebody was turned away who gave this name, and the code of why; the name if an account has it."""
    account = workspace.journal.find_account(normalise_name(name)) if name else None
    known = account.name if account is not None else ""
    # who it was is not known: nobody is named as who did it
    workspace.journal.append_audit("account.refuse", known, way.value, workspace.clock.now(), "")
    log("sign_in_refused", **({"code": code} if code else {}))
