"""Ways to sign in beside password and code: a provider of identities, and passkeys."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "incident.provider.unreachable",
        N_("The provider of identities does not answer."),
        N_("Sign in with password and code, or try again later; who is signed in stays so."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.provider.document",
        N_("What the provider of identities says of itself cannot be used ({defect})."),
        N_("Compare «issuer», «discovery» and «client_id» in [web.oidc] with what the provider gave you."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.provider.refused",
        N_("The provider of identities did not let you in."),
        N_("Begin again; if it goes on, ask whoever administers your accounts there."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.provider.stale",
        N_("This answer of the provider of identities is not expected here, or not any more."),
        N_("Begin again from this page, in this browser."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.provider.unproven",
        N_("What the provider of identities sent does not prove who you are ({defect})."),
        N_("Begin again; if it goes on, tell the person who operates Passerelle the word in brackets."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.provider.level",
        N_("The provider of identities let you in by a means that is too weak for this place."),
        N_("Begin again, and choose a stronger means there: a card, a telephone, a security key."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.provider.unknown",
        N_("The provider of identities knows you, and no account here is yours."),
        N_("Ask the person who operates Passerelle for an invitation, then take it up through the provider."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.provider.name",
        N_("The name that the provider of identities gives you is taken here, or cannot be one."),
        N_("Ask the person who operates Passerelle for an invitation under another name."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.passkey.refused",
        N_("This passkey opens nothing here, or took too long."),
        N_("Begin again; or sign in with password and code, and look at your passkeys under your name."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.passkey.name",
        N_("A passkey needs a name of at most {most} characters."),
        N_("Name it after where it lies: «ordinateur du bureau»."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "usage.passkey.kept",
        N_("This passkey is in use already, or you have {most} of them."),
        N_("Remove one that you need no more, or choose another device."),
        Concerns.ORGANISATION,
    ),
    Reason(
        "settings.oidc.no_library",
        N_("People sign in through a provider of identities with the Python package «joserfc»; it is not installed."),
        N_("Install passerelle-social[oidc]."),
        Concerns.OPERATOR,
    ),
    Reason(
        "settings.passkeys.no_library",
        N_("Passkeys are verified with the Python package «webauthn»; it is not installed."),
        N_("Install passerelle-social[passkeys]."),
        Concerns.OPERATOR,
    ),
)
