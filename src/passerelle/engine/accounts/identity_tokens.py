"""Holds an ID token against what OpenID Connect Core 1.0 (§3.1.3.7) asks of it. What it says is believed afterwards.

The signature must be one that the settings name, by a key of the provider that is for it: what a token says of itself
chooses neither, so that a public key is never taken for a secret. Which test failed is a word of the standard.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any

from passerelle.engine.adapters.identity_issuer import SKEW, choose_keys
from passerelle.vocabulary.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from passerelle.engine.settings.oidc_settings import OidcSettings

_OLDEST = 600
"""Seconds since a token was made: it was asked for a moment ago."""
_LONGEST_SUBJECT = 255


def prove_token(
    token: str, keys: Iterable[Mapping[str, Any]], settings: OidcSettings, nonce: str, now: datetime
) -> dict[str, Any]:
    """Return the claims of a token. Raises UsageError: `usage.provider.unproven` with the test, `….level`.

    Raises SettingsError `settings.oidc.no_library`.
    """
    header = _read_header(token)
    algorithm = header.get("alg")
    if algorithm not in settings.algorithms:
        raise _make_doubt("alg")
    claims = _verify_signature(token, str(algorithm), choose_keys(header, keys))
    _check_claims(claims, settings, nonce, int(now.timestamp()))
    _check_level(claims, settings)
    return claims


def has_unknown_key(token: str, keys: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a token names a key that is not among these: the provider may have changed it."""
    return not choose_keys(_read_header(token), keys)


def _read_header(token: str) -> dict[str, Any]:
    try:
        head, _payload, _signature = token.encode("ascii").split(b".")
        header = json.loads(urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        raise _make_doubt("jwt") from None
    if not isinstance(header, dict) or "crit" in header:
        raise _make_doubt("jwt")
    return header


def _verify_signature(token: str, algorithm: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    try:
        from joserfc import jwt  # noqa: PLC0415  an extra that may not be installed
        from joserfc.errors import JoseError  # noqa: PLC0415  as above
        from joserfc.jwk import import_key  # noqa: PLC0415  as above
    except ImportError:
        raise SettingsError("settings.oidc.no_library") from None
    for key in keys:
        try:
            # the public parts alone, and nothing of what the document says that the key is for
            public = {name: key[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in key}
            return jwt.decode(token, import_key(public), algorithms=[algorithm]).claims
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
    raise _make_doubt("signature")


def _check_claims(claims: Mapping[str, Any], settings: OidcSettings, nonce: str, now: int) -> None:
    """Raise UsageError unless a token is of this provider, for us, of now, and for what was asked."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", None if len(audiences) > 1 else settings.client_id)
    ends, made = _read_moment(claims, "exp"), _read_moment(claims, "iat")
    begins = _read_moment(claims, "nbf") if "nbf" in claims else made
    subject = claims.get("sub")
    given = claims.get("nonce")
    tests = {
        "iss": claims.get("iss") == settings.issuer,
        "aud": settings.client_id in audiences,
        "azp": party == settings.client_id,
        "exp": now < ends + SKEW,
        "iat": now - _OLDEST - SKEW < made <= now + SKEW,
        "nbf": begins <= now + SKEW,
        "nonce": isinstance(given, str) and given.isascii() and hmac.compare_digest(given.encode(), nonce.encode()),
        "sub": isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT and subject.isprintable(),
    }
    for name, holds in tests.items():
        if not holds:
            raise _make_doubt(name)


def _read_moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # neither true, nor what is no number and compares with nothing
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float(2**53):
        raise _make_doubt(name)
    return value


def _check_level(claims: Mapping[str, Any], settings: OidcSettings) -> None:
    """Raise UsageError unless the level and the means are those that the settings demand."""
    used = claims.get("amr")
    means = {one for one in used if isinstance(one, str)} if isinstance(used, list) else set()
    if (settings.acr and claims.get("acr") not in settings.acr) or not set(settings.amr) <= means:
        raise UsageError("usage.provider.level")


def _make_doubt(name: str) -> UsageError:
    """Return the error for what a token does not prove; `name` is a word of the standard."""
    return UsageError("usage.provider.unproven", defect=name)
