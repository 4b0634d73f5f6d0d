"""How a connector reads its supplier, written down for whoever comes next."""

from __future__ import annotations

import csv
import io
import json

from passerelle import Connector, Csv, OutOfScope, Table, Where
from passerelle import convert as to
from passerelle.switching.exit_pack.connector_mapping import as_csv, as_json

CONNECTOR = Connector(
    id="papier-contacts",
    title="Papier",
    dialect=Csv(),
    tables=(
        Table(
            contract="interaction/1",
            where=(Where("Type", ("Appel",)),),
            fields={
                "ref": to.Ref("N°", system="papier", entity="interaction"),
                "channel": to.FirstOf(
                    to.Code("Canal", table={"Tél": "phone", "Mél": "email"}, system="papier"),
                    to.Constant({"code": "other"}),
                ),
                "first_contact": to.YesNo("Premier", yes=("O",), no=("N",)),
                "motives": [to.Code("Motif 1"), to.Code("Motif 2")],
            },
            waived={"Couleur": "présentation seule"},
            carried=("Équipe",),
        ),
    ),
    out_of_scope=(OutOfScope(fr="Essais", en="Trials", where=(Where("Type", ("Essai",)),)),),
    nothing=("Néant",),
)


def test_people_find_each_column_with_its_field_and_what_each_word_means():
    rows = list(csv.reader(io.StringIO(as_csv(CONNECTOR).decode("utf-8-sig"), newline=""), delimiter=";"))
    found = {(row[1], row[3], row[5]): row[6] for row in rows[1:]}
    assert found["Canal", "channel", "Tél"] == "phone"
    assert found["Premier", "first_contact", "O"] == "true"
    assert found["Premier", "first_contact", "N"] == "false"
    assert {("Motif 1", "motives", ""), ("Motif 2", "motives", "")} <= set(found)
    assert ("Couleur", "", "présentation seule") in found


def test_programs_find_the_same_with_conditions_and_what_is_left_out():
    told = json.loads(as_json("papier", CONNECTOR, "1.0"))
    (table,) = told["tables"]
    assert (told["supplier"], told["connector"], told["version"], told["none"]) == (
        "papier",
        "papier-contacts",
        "1.0",
        ["Néant"],
    )
    assert table["where"] == [{"column": "Type", "values": ["Appel"], "negated": False}]
    assert table["carried_as_they_are"] == ["Équipe"]
    assert [one["fr"] for one in told["left_out"]] == ["Essais"]
    channel = next(field for field in table["fields"] if field["field"] == "channel")
    assert channel["words"] == {"Tél": "phone", "Mél": "email"}
