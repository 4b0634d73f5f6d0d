"""The table `[web.oidc]` of `passerelle.toml`: the provider of identities through which people may sign in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from passerelle.engine.settings.setting_values import Address, Name, SecretReference, SettingsTable

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures that only the holder of a private key makes: none of a secret that is shared, and never none at all."""


class GroupRights(SettingsTable):
    """What the members of one group of the provider may do."""

    role: Literal["lecteur", "operateur", "trieur", "auditeur", "administrateur"]
    flows: tuple[Name, ...] = ()
    """The only flows whose records concern them; none: all."""


class OidcSettings(SettingsTable):
    """The provider of identities; without this table nobody signs in through one."""

    issuer: Address
    """Who it says it is, letter by letter."""
    discovery: Address | None = None
    """Where it describes itself, when that is not below the issuer at the usual place."""
    client_id: Annotated[str, Field(min_length=1, max_length=255)]
    """As what it knows us."""
    client_secret: SecretReference | None = None
    """By which it knows us; none where it asks for none."""
    title: Annotated[str, Field(min_length=1, max_length=60)]
    """How people call it: it stands on the button."""
    scopes: tuple[Name, ...] = ("openid",)
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    """The only signatures that are taken."""
    acr: tuple[Name, ...] = ()
    """Levels of assurance of which one is asked for, and must have been reached."""
    amr: tuple[Name, ...] = ()
    """Means of authentication that must all have been used, such as `mfa`."""
    verified_email: StrictBool = False
    """Whether an invitation is taken up by whoever has the address that is the account's name, proven there."""
    groups: dict[str, GroupRights] = Field(default_factory=dict)
    """Groups of the provider whose members need no invitation."""
    groups_claim: Name = "groups"
    """Where it tells groups; a dot goes down: `realm_access.roles`."""
    name_claim: Name = "preferred_username"
    """How it names people: so is an account named that is made for a group."""
    allow_private: StrictBool = False
    """Whether it may be on a private network."""
