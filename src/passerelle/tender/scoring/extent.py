"""Coverage of each contract of a tender by the samples: fields filled, empty, absent, lost, and about whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.contracts.field_meta import DataSubject
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.tender.scoring.round_trip import RoundTripTally
from passerelle.tender.scoring.scorecard import SampleCoverage
from passerelle.tender.scoring.tallies import ContractTally, find_period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from passerelle.tender.consultation import Consultation, PinnedContract
    from passerelle.tender.scoring.gathering import Gatherer


def measure_coverage(
    consultation: Consultation, gathered: Gatherer, round_trips: Mapping[str, RoundTripTally]
) -> tuple[SampleCoverage, ...]:
    """Return the coverage of every contract, in the order of the tender, also of one without records."""
    return tuple(
        _cover_contract(
            pinned, consultation, gathered.tallies.get(pinned.id), round_trips.get(pinned.id, RoundTripTally())
        )
        for pinned in consultation.contracts
    )


def _cover_contract(
    pinned: PinnedContract, consultation: Consultation, tally: ContractTally | None, round_trip: RoundTripTally
) -> SampleCoverage:
    contract = contracts.get(pinned.id)
    tally = tally or ContractTally.of(pinned.id)
    filled = tuple(name for name in contract.list_fields() if name in tally.fields and tally.fields[name].filled)
    asked = consultation.list_asked_fields(pinned.id)
    first, last = find_period(tally)
    facts = contract.describe_fields()
    return SampleCoverage(
        contract=pinned.id,
        version=pinned.version,
        title=contract.about.fr_title if consultation.language == "fr" else contract.about.en_title,
        taken=tally.taken,
        rejected=tally.rejected,
        first_day=first,
        last_day=last,
        asked=asked,
        filled=filled,
        empty=tuple(name for name in asked if name in tally.fields and name not in filled),
        absent=tuple(name for name in asked if name not in tally.fields),
        # What the pipeline fills by itself is no supplier's merit.
        fields=len(set(field_types.list_columns(contract)) - set(PIPELINE_FIELDS)),
        returned=round_trip.equal,
        tried=round_trip.tried,
        lost=tuple(name for name in contract.list_fields() if name in round_trip.lost),
        personal=tuple(
            (name, facts[name].subject.value, facts[name].sensitivity.value)
            for name in filled
            if facts[name].subject in (DataSubject.PERSON, DataSubject.WORKER)
        ),
    )
