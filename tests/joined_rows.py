"""A supplier whose rows hold a structure and who is in charge of it."""

from __future__ import annotations

from passerelle import convert as to
from passerelle.engine.adapters.row_joining import RowJoiner
from passerelle.extension.supplier import Connector, Supplier
from passerelle.extension.writing import RowPart, WholeRow
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate import Table


def make_connector(*, repeats: bool = True, needed: dict[str, str] | None = None) -> Connector:
    supplier = Supplier(
        id="s",
        title="S",
        connectors=(
            Connector(
                id="s-rows",
                title="Rows",
                dialect=Csv(delimiter=";"),
                tables=(
                    Table(
                        contract="organisation/1",
                        fields={
                            "name": to.Text("Nom"),
                            "addresses": [to.AddressOf(lines=("Rue",), city="Ville")],
                            "ref": to.Ref("Nom", system="s", entity="organisation"),
                        },
                    ),
                    Table(
                        contract="professional/1",
                        fields={
                            "ref": to.Ref("Mail", system="s", entity="professional"),
                            "last_name": to.Text("Chef"),
                            "organisation_ref": to.Ref("Nom", system="s", entity="organisation"),
                        },
                    ),
                ),
                row=WholeRow(
                    contract="organisation/1",
                    parts=(RowPart(contract="professional/1", by="organisation_ref", repeats=repeats),),
                ),
                needed=needed or {},
            ),
        ),
    )
    return supplier.connectors[0]


def make_joiner(**more) -> RowJoiner:
    return RowJoiner("s", make_connector(**more), ("Nom", "Rue", "Ville", "Mail", "Chef"))


def make_home(name: str = "Maison", city: str | None = "Albi") -> dict:
    return {"ref": f"s:organisation:{name}", "name": name, "addresses": [{"city": city}] if city else None}


def make_head(mail: str, of: str = "Maison") -> dict:
    return {"ref": f"s:professional:{mail}", "last_name": mail.title(), "organisation_ref": f"s:organisation:{of}"}
