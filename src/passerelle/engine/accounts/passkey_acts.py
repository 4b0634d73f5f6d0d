"""Passkeys: added by whoever just signed in, shown in place of password and code, removed by their owner (WebAuthn 3).

A passkey is possession and, since its device must ask for a finger, a face or a number, a second factor. What makes it
is not asked: no attestation is wanted, none is kept.
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from passerelle.stores.passkeys import MOST, Passkey
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from types import ModuleType

    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.accounts import Account

LONGEST_NAME = 60
_LONGEST_ANSWER = 20_000
_MILLISECONDS = 120_000
"""How long a browser waits for its owner; its challenge lives longer."""


@dataclass(frozen=True, slots=True)
class PasskeyPlace:
    """For which name passkeys are made, and where browsers must be when they show one."""

    name: str
    origin: str


def describe_new_passkey(workspace: Workspace, account: Account, place: PasskeyPlace, challenge: bytes) -> str:
    """Return what a browser asks of a device that is to make a passkey, as JSON."""
    library = _load_library()
    structs = library.helpers.structs
    known = workspace.journal.list_passkeys(account.id)
    options = library.generate_registration_options(
        rp_id=place.name,
        rp_name="Passerelle",
        user_name=account.name,
        user_id=known[0].handle if known else secrets.token_bytes(32),
        challenge=challenge,
        timeout=_MILLISECONDS,
        attestation=structs.AttestationConveyancePreference.NONE,
        # it must know the account by itself, and its owner: nobody types a name before it
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one.credential) for one in known],
    )
    return str(library.options_to_json(options))


def describe_proof(place: PasskeyPlace, challenge: bytes) -> str:
    """Return what a browser asks of a device that is to show a passkey, as JSON: it says by itself whose it is."""
    library = _load_library()
    required = library.helpers.structs.UserVerificationRequirement.REQUIRED
    options = library.generate_authentication_options(
        rp_id=place.name, challenge=challenge, timeout=_MILLISECONDS, user_verification=required
    )
    return str(library.options_to_json(options))


def read_challenge(answer: str) -> bytes:
    """Return the challenge that an answer says it signed; empty for what is no answer."""
    try:
        response = _read_answer(answer)["response"]
        told = json.loads(_decode(response["clientDataJSON"]))
        # a frame of another site may ask for a passkey of ours: nobody here does
        return b"" if told.get("crossOrigin") or "topOrigin" in told else _decode(told["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return b""


def add_passkey(
    workspace: Workspace, account: Account, place: PasskeyPlace, answer: str, handle: bytes, name: str
) -> None:
    """Add a passkey to an account; that its challenge was made here, and not used yet, is the caller's matter.

    Raises UsageError `usage.passkey.name`, `….refused` and `….kept`.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise UsageError("usage.passkey.name", most=str(LONGEST_NAME))
    library, now = _load_library(), workspace.clock.now()
    try:
        shown = library.verify_registration_response(
            credential=_read_answer(answer),
            expected_challenge=read_challenge(answer),
            expected_rp_id=place.name,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  what a library makes of bytes of others, whose words it would repeat
        raise UsageError("usage.passkey.refused") from None
    known = workspace.journal.list_passkeys(account.id)
    made = Passkey(
        account=account.id,
        credential=shown.credential_id,
        public_key=shown.credential_public_key,
        name=name,
        handle=known[0].handle if known else handle,
        sign_count=shown.sign_count,
        may_be_copied=shown.credential_device_type == "multi_device",
        is_copied=shown.credential_backed_up,
        made_at=now,
    )
    act = AuditEntry(0, now, "account.passkey_add", account.name, "", account.name)
    if not workspace.journal.keep_passkey(made, act):
        raise UsageError("usage.passkey.kept", most=str(MOST))


def find_shown(workspace: Workspace, answer: str) -> tuple[Passkey, Account] | None:
    """Return the passkey that an answer names, and whose it is; nothing is proven by it."""
    try:
        credential = _decode(_read_answer(answer)["rawId"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    one = workspace.journal.find_passkey(credential)
    account = workspace.journal.get_account(one.account) if one is not None else None
    return None if one is None or account is None else (one, account)


def prove_passkey(workspace: Workspace, one: Passkey, account: Account, place: PasskeyPlace, answer: str) -> bool:
    """Whether an answer was signed by a passkey of an account that is open; its challenge is the caller's matter.

    A count that does not grow, or a passkey that says another thing of copies than when it was made, is a copy.
    """
    library = _load_library()
    try:
        told = _read_answer(answer)
        handle = told["response"].get("userHandle")
        shown = library.verify_authentication_response(
            credential=told,
            expected_challenge=read_challenge(answer),
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=one.public_key,
            credential_current_sign_count=one.sign_count,
            require_user_verification=True,
        )
        is_owners = handle is None or _decode(handle) == one.handle
    except Exception:  # noqa: BLE001  what a library makes of bytes of others, whose words it would repeat
        return False
    if not is_owners or not account.is_open or (shown.credential_device_type == "multi_device") != one.may_be_copied:
        return False
    count, copied, now = shown.new_sign_count, shown.credential_backed_up, workspace.clock.now()
    return workspace.journal.use_passkey(one, sign_count=count, is_copied=copied, now=now)


def remove_passkey(workspace: Workspace, account: Account, number: int) -> bool:
    """Remove a passkey of an account; false when it has none of this number."""
    act = AuditEntry(0, workspace.clock.now(), "account.passkey_remove", account.name, "", account.name)
    return workspace.journal.drop_passkey(account.id, number, act)


def _read_answer(answer: str) -> dict[str, Any]:
    """Return an answer of a browser. Raises ValueError, TypeError for what is none."""
    told = json.loads(answer) if len(answer) <= _LONGEST_ANSWER else None
    if not isinstance(told, dict) or not isinstance(told.get("response"), dict):
        raise TypeError
    return told


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _load_library() -> ModuleType:
    try:
        import webauthn  # noqa: PLC0415  an extra that may not be installed
    except ImportError:
        raise SettingsError("settings.passkeys.no_library") from None
    return webauthn
