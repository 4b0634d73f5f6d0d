"""Examines how people sign in to the workbench: what passkeys need, and whether the provider of identities is right."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from passerelle.engine.clock import SystemClock
from passerelle.engine.health.findings import HealthFinding, Severity
from passerelle.vocabulary.errors import PasserelleError
from passerelle.vocabulary.formatting import format_count, format_labelled, show_text
from passerelle.vocabulary.language import _
from passerelle.vocabulary.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passerelle.engine.settings.oidc_settings import OidcSettings
    from passerelle.engine.settings.workspace_settings import Settings
    from passerelle.vocabulary.ports import Clock


def examine_sign_in(settings: Settings, *, offline: bool, clock: Clock | None = None) -> Iterator[HealthFinding]:
    """Look at passkeys, then at the provider; it is asked unless offline. Nothing where people enter by a link."""
    web = settings.web
    if web.passkeys:
        yield from _examine_passkeys(settings)
    if web.oidc is None:
        return
    if find_spec("joserfc") is None:
        yield _explain(Severity.WRONG, "settings.oidc.no_library")
    if web.public_url is None:
        says = _("the provider of identities sends people back to this machine alone, in clear")
        advice = _("State «public_url»: browsers elsewhere come over a server that speaks TLS.")
        yield HealthFinding(Severity.DOUBTFUL, says, advice)
    for name, group in web.oidc.groups.items():
        if absent := sorted(set(group.flows) - set(settings.flows)):
            says = _("the group «{name}» is for flows that are not there: {flows}")
            words = says.format(name=show_text(name), flows=", ".join(map(show_text, absent)))
            yield HealthFinding(Severity.DOUBTFUL, words, _("Correct them in [web.oidc], or take them out."))
    if not offline and find_spec("joserfc") is not None:
        yield from _ask_issuer(web.oidc, clock or SystemClock())


def _examine_passkeys(settings: Settings) -> Iterator[HealthFinding]:
    if find_spec("webauthn") is None:
        yield _explain(Severity.WRONG, "settings.passkeys.no_library")
        return
    words = _("passkeys are made for {name}").format(name=settings.web.passkey_name)
    if settings.web.public_url is None:
        advice = _("Browsers take them under http://localhost alone; state «public_url» for others.")
        yield HealthFinding(Severity.DOUBTFUL, words, advice)
    else:
        yield HealthFinding(Severity.GOOD, words)


def _ask_issuer(settings: OidcSettings, clock: Clock) -> Iterator[HealthFinding]:
    """Ask the provider what people's browsers would make us ask: who it is, its keys, and what time it has."""
    from passerelle.engine.adapters.identity_issuer import SKEW, choose_keys, make_access  # noqa: PLC0415  kept out of start-up

    try:
        access = make_access(settings, clock)
        document = access.read_document()
        keys = access.read_keys(document)
        moment = access.read_moment()
    except PasserelleError as error:
        yield HealthFinding(Severity.WRONG, *explain(error.code, error.words))
        return
    if not any(choose_keys({"alg": algorithm}, keys) for algorithm in settings.algorithms):
        says = _("the provider of identities has no key for {algorithms}")
        advice = _("Ask it by which signatures it is known, and state them with «algorithms».")
        yield HealthFinding(Severity.WRONG, says.format(algorithms=", ".join(settings.algorithms)), advice)
    differs = abs((moment - clock.now()).total_seconds()) if moment is not None else 0.0
    if differs > SKEW:
        says = _("the clock of this machine and that of the provider of identities differ by {count} seconds")
        advice = _("Set the clock of this machine: nobody is let in by a proof from another time.")
        yield HealthFinding(Severity.WRONG, says.format(count=format_count(round(differs))), advice)
    words = _("it answers, and is who the settings say")
    yield HealthFinding(Severity.GOOD, format_labelled(show_text(settings.title), words))


def _explain(severity: Severity, code: str) -> HealthFinding:
    says, advice = explain(code, {})
    return HealthFinding(severity, says, advice)
