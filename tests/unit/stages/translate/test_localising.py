"""A flow's place: local times, national numbers and addresses of a connector are read where the flow says."""

from __future__ import annotations

from passerelle.stages import translate as to
from passerelle.stages.translate.localising import localise
from passerelle.stages.translate.table import Table
from passerelle.vocabulary.locality import Locality

DAY_TIME = ("%d/%m/%Y %H:%M",)
TIME = to.LocalDateTime("when", formats=DAY_TIME)
VISITS = Table(
    contract="visit/1",
    fields={
        "ref": to.Ref("id", system="demo", entity="visit"),
        "planned_start": TIME,
        "planned_end": to.FirstOf(to.LocalDateTime("end", formats=DAY_TIME), TIME),
    },
)
PEOPLE = Table(
    contract="person/1",
    fields={
        "ref": to.Ref("id", system="demo", entity="person"),
        "telecoms": [to.Telecom("tel"), to.Telecom("swiss", country="41")],
        "addresses": to.AddressOf(lines=("street",), postcode="cp"),
    },
)


def test_every_local_time_is_resolved_in_the_zone_of_the_flow():
    moved = localise(VISITS, Locality(zone="Indian/Reunion"))
    row = {"when": "31/03/2024 02:30", "end": None}
    # a time that the clock change of Paris skips, where clocks never change
    assert TIME.parse(row).reason == "translate.time.missing"
    for name in ("planned_start", "planned_end"):
        assert moved.fields[name].parse(row) == "2024-03-31T02:30:00+04:00"


def test_the_gap_and_the_fold_are_those_of_the_zone():
    moved = localise(VISITS, Locality(zone="America/Miquelon")).fields["planned_start"]
    assert moved.parse({"when": "10/03/2024 02:30"}).reason == "translate.time.missing"
    assert moved.parse({"when": "03/11/2024 01:30"}).reason == "translate.time.twice"
    assert moved.parse({"when": "31/03/2024 02:30"}) == "2024-03-31T02:30:00-02:00"


def test_national_numbers_and_postcodes_are_those_of_the_country_of_the_flow():
    telecoms, addresses = (localise(PEOPLE, Locality(country="BE")).fields[name] for name in ("telecoms", "addresses"))
    assert telecoms[0].parse({"tel": "0471 23 45 67"})[0]["value"] == "+32471234567"
    assert addresses.parse({"street": "1 rue Haute", "cp": "F-1000"})["postcode"] == "F-1000"


def test_a_connector_that_names_another_country_keeps_it():
    _own, swiss = localise(PEOPLE, Locality(country="BE")).fields["telecoms"]
    assert swiss.country == "41"


def test_a_flow_that_says_nothing_changes_no_converter():
    assert localise(VISITS, Locality()).fields == VISITS.fields
