"""Reasons about a depot that is an object store."""

from __future__ import annotations

from passerelle.vocabulary.language import N_
from passerelle.vocabulary.reasons.reason import Concerns, Reason

REASONS = (
    Reason(
        "incident.depot.away",
        N_("The object store of received files does not answer, or cannot do what it was asked just now."),
        N_("Nothing is lost: it is asked again at the next run. If it lasts, ask whoever runs the store."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.depot.refused",
        N_("The object store of received files refuses our key, or what we may do with it is not enough."),
        N_("Renew the key, or allow it to list, read, write and delete objects in this bucket; then run again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.depot.absent",
        N_("The object store of received files has no such bucket, or has it in another region."),
        N_("Correct base_url, region and bucket in the table [passerelle.depot]; Passerelle makes none."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.depot.full",
        N_("There is no room left in the object store of received files, or its quota is used up."),
        N_("Make room or raise the quota, then run the same command again: nothing is lost."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.depot.incompatible",
        N_("What answers as the object store of received files does not speak S3 as it should."),
        N_("Check base_url in the table [passerelle.depot]; «passerelle doctor» tries each operation."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.depot.clock",
        N_("The object store of received files refuses our requests: the clock of this machine differs from its own."),
        N_("Set the clock of the machine (NTP), then run the same command again."),
        Concerns.OPERATOR,
    ),
    Reason(
        "usage.deposits.same",
        N_("The settings of before have received files where these settings have them: there is nothing to carry."),
        N_("Name a copy of the settings as they were before the depot was changed in them."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.move.files",
        N_("A received file that opens where it was does not open where it was carried: nothing was removed."),
        N_("Run the same command again; if it lasts, try the new place with «passerelle doctor»."),
        Concerns.OPERATOR,
    ),
    Reason(
        "incident.depot.untrusted",
        N_("The object store of received files does not prove who it is, or is at an address that is not allowed."),
        N_("Check its certificate; for a store on your own network, set allow_private = true."),
        Concerns.OPERATOR,
    ),
)
