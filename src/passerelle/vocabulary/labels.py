"""Labels of fates, states, persons and places, in both languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.vocabulary.formatting import format_count, show_name
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.outcomes import Fate
from passerelle.vocabulary.reasons import Concerns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.vocabulary.outcomes import Balance
    from passerelle.vocabulary.place import Place

# Marked with N_ and translated where they are shown: the language may change while the process runs.
FATES: Mapping[str, str] = MappingProxyType(
    {
        Fate.DELIVERED: N_("delivered"),
        Fate.UNCHANGED: N_("unchanged"),
        Fate.DUPLICATE: N_("duplicate"),
        Fate.UNREADABLE: N_("unreadable"),
        Fate.REJECTED: N_("rejected"),
        Fate.WITHHELD: N_("withheld"),
        Fate.REFUSED: N_("refused"),
        Fate.UNKNOWN: N_("outcome unknown"),
        "warning": N_("warning"),
    },
)
PERSONS: Mapping[Concerns, str] = MappingProxyType(
    {
        Concerns.SUPPLIER: N_("the supplier"),
        Concerns.ORGANISATION: N_("the organisation"),
        Concerns.DEVELOPER: N_("the developer of the plugin"),
        Concerns.OPERATOR: N_("the operator"),
    },
)
"""Who can do something about it."""
PARCEL_STATES: Mapping[str, str] = MappingProxyType(
    {
        "open": N_("open"),
        "waiting": N_("waiting"),
        "parked": N_("parked"),
        "done": N_("finished"),
        "dropped": N_("given up"),
    },
)
QUARANTINE_STATES: Mapping[str, str] = MappingProxyType(
    {
        "waiting": N_("waiting"),
        "replaying": N_("being replayed"),
        "replayed": N_("replayed"),
        "discarded": N_("discarded"),
        "superseded": N_("replaced by a newer export"),
        "expired": N_("expired"),
    },
)
RECIPIENTS: Mapping[str, str] = MappingProxyType(
    {
        "self": N_("the organisation itself"),
        "processor": N_("processor"),
        "payer": N_("payer"),
        "authority": N_("authority"),
        "partner": N_("partner"),
    },
)
BASES: Mapping[str, str] = MappingProxyType(
    {
        "consent": N_("consent"),
        "contract": N_("performance of a contract"),
        "obligation": N_("legal obligation"),
        "vital": N_("vital interests"),
        "public_task": N_("task in the public interest"),
        "legitimate_interest": N_("legitimate interests"),
    },
)
SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "person": N_("person accompanied"),
        "related": N_("somebody close to the person"),
        "worker": N_("professional"),
        "organisation": N_("organisation"),
        "none": N_("nobody"),
    },
)
SENSITIVITIES: Mapping[str, str] = MappingProxyType(
    {
        "ordinary": N_("ordinary"),
        "identifying": N_("identifying"),
        "special": N_("special category (GDPR art. 9)"),
        "surveillance": N_("traces of a worker"),
        "secret": N_("professional secrecy"),
    },
)
ACTS: Mapping[str, str] = MappingProxyType(
    {
        "account.bind": N_("tied an account to a provider of identities"),
        "account.change": N_("changed what an account may do"),
        "account.disable": N_("disabled an account"),
        "account.passkey_add": N_("added a passkey"),
        "account.passkey_remove": N_("removed a passkey"),
        "account.refuse": N_("was not let in"),
        "account.sign_in": N_("signed in"),
        "api.read": N_("read records through the API"),
        "api.write": N_("handed records in through the API"),
        "token.new": N_("made a token of the API"),
        "token.end": N_("ended a token of the API"),
        "account.invite": N_("invited somebody to an account"),
        "audit.reveal": N_("read the audit trail with whom it is about"),
        "consent.accept": N_("recorded an agreement"),
        "consent.forget": N_("ended earlier answers"),
        "consent.refuse": N_("recorded a refusal"),
        "consent.reveal": N_("read what persons answered"),
        "consent.withdraw": N_("recorded a withdrawal"),
        "description.apply": N_("put the description of a software to work"),
        "exit_pack": N_("took everything along in an archive"),
        "flow.confirm": N_("confirmed a parcel that was held"),
        "flow.drop": N_("gave a parcel up"),
        "flow.resume": N_("let a flow go on"),
        "flow.retry": N_("had a parcel taken up again"),
        "journal.begun_anew": N_("began a new journal"),
        "installation.rotate": N_("changed the key of the installation"),
        "journal.move": N_("carried the journal to another place"),
        "depot.move": N_("carried received files to another place"),
        "key.rotate": N_("changed the master key"),
        "organisation.shred": N_("destroyed the key of the organisation"),
        "person.erase": N_("erased a person"),
        "person.export": N_("answered a request for access"),
        "person.find": N_("looked for a person"),
        "person.withdraw": N_("had what was delivered taken back"),
        "quarantine.correct": N_("corrected values"),
        "quarantine.discard": N_("destroyed records"),
        "quarantine.draft": N_("drafted a correction"),
        "quarantine.grant": N_("saw the values of one column"),
        "quarantine.replay": N_("had records taken up again as they were"),
        "quarantine.reveal": N_("saw whole records"),
        "rehearse.reveal": N_("saw records in a rehearsal"),
        "switch.prove": N_("proved a change of supplier"),
        "switch.reveal": N_("saw records of a change of supplier"),
    },
)
"""Acts of the audit trail, for people who read it in a page; one that is not here is shown by its word."""
WAYS: Mapping[str, str] = MappingProxyType(
    {
        "link": N_("with a link"),
        "password": N_("with password and code"),
        "invitation": N_("with an invitation"),
        "passkey": N_("with a passkey"),
        "provider": N_("through the provider of identities"),
    },
)
"""By what somebody signed in, or tried to."""


def format_place(place: Place) -> str:
    """Return a place in words: `line 12`, `lines 12 to 14`, after the member that holds it."""
    if place.last_line > place.line:
        words = _("lines {first} to {last}").format(first=place.line, last=place.last_line)
    else:
        words = _("line {line}").format(line=place.line)
    return f"{show_name(place.member)}, {words}" if place.member else words


def format_balance(balance: Balance) -> str:
    """Return a balance as a sum: `received 12 = delivered 10 + rejected 2`; of nothing, that nothing came."""
    if not balance.received:
        return _("nothing received")
    terms = [f"{_(FATES[fate])} {format_count(balance.fates[fate])}" for fate in Fate if balance.fates.get(fate)]
    return _("received {count} = {terms}").format(count=format_count(balance.received), terms=" + ".join(terms))
