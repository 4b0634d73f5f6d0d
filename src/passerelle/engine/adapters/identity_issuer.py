"""The provider of identities of the settings: how it is asked, and which of its keys may sign for us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from passerelle.edges.http.openid_issuer import IssuerAccess, OpenIdIssuer
from passerelle.engine.settings.secrets import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from passerelle.engine.settings.oidc_settings import OidcSettings
    from passerelle.vocabulary.ports import Clock

SKEW = 60
"""Seconds by which the clocks of two machines may differ."""
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_SMALLEST_RSA = 342
"""Characters of a number of 2,048 bits."""


def make_access(settings: OidcSettings, clock: Clock) -> OpenIdIssuer:
    """Return what asks the provider of the settings. Raises SettingsError for a secret that is not there."""
    access = IssuerAccess(
        issuer=settings.issuer,
        discovery=settings.discovery or "",
        client_id=settings.client_id,
        client_secret=resolve(settings.client_secret).reveal() if settings.client_secret else "",
        allow_private=settings.allow_private,
    )
    return OpenIdIssuer(access, clock)


def choose_keys(header: Mapping[str, Any], keys: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the keys of a provider that may have signed: of the right kind, for signatures, by the name given."""
    algorithm, named = str(header.get("alg", "")), header.get("kid")
    return [
        key
        for key in keys
        if key.get("kty") == _KINDS.get(algorithm[:2])
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (algorithm not in _CURVES or key.get("crv") == _CURVES[algorithm])
        and (named is None or key.get("kid") == named)
        and (key.get("kty") != "RSA" or len(str(key.get("n", ""))) >= _SMALLEST_RSA)
    ]
