"""The codes of six digits that a telephone shows (TOTP, RFC 6238): thirty seconds each, one step of patience."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

if TYPE_CHECKING:
    from datetime import datetime

_SECONDS, _DIGITS, _KEY_BYTES = 30, 6, 20
_PATIENCE = 1
"""Steps before and after: clocks of telephones differ."""


def make_code_key() -> str:
    """Return a new key, as people type it into a telephone that cannot read a picture."""
    return base64.b32encode(secrets.token_bytes(_KEY_BYTES)).decode()


def make_address(key: str, name: str) -> str:
    """Return the address that applications for codes understand."""
    return f"otpauth://totp/Passerelle:{quote(name)}?secret={key}&issuer=Passerelle"


def find_step(key: str, code: str, now: datetime) -> int | None:
    """Return the step whose code this is, of those around now; None for any other code."""
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    step = int(now.timestamp()) // _SECONDS
    # every one is compared, so that the time taken says nothing
    found = [
        one
        for one in range(step - _PATIENCE, step + _PATIENCE + 1)
        if hmac.compare_digest(compute_code(key, one), digits)
    ]
    return found[0] if found else None


def compute_code(key: str, step: int) -> str:
    """Return the code of a step."""
    # SHA-1 is what telephones compute; as a keyed code it is not weak (RFC 6238, 1.2)
    made = TOTP(base64.b32decode(key), _DIGITS, SHA1(), _SECONDS)  # noqa: S303  what the standard prescribes
    return made.generate(step * _SECONDS).decode()
