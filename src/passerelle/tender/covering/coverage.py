"""Coverage of the contracts by a supplier, from its description: filled, taken back, missing for a tender."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from passerelle import contracts
from passerelle.contracts import field_types
from passerelle.stages.decode.dialects import Csv
from passerelle.stages.translate.converters.choices import PerRecord
from passerelle.stages.translate.plan import PIPELINE_FIELDS
from passerelle.stages.translate.sharing import list_converters
from passerelle.tender.requirement import Measure

if TYPE_CHECKING:
    from passerelle.extension.supplier import Supplier
    from passerelle.stages.translate.converter import Converter
    from passerelle.tender.consultation import Consultation


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCoverage:
    """One field of a contract."""

    name: str
    required: bool
    filled: bool
    """Some column or statement of the description gives it."""
    returned: bool
    """The same description writes it back as it was read."""
    columns: tuple[str, ...]
    """The supplier's columns that it is read from."""
    requirements: tuple[str, ...]
    """Numbers of the tender that ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCoverage:
    """One contract."""

    contract: str
    version: str
    connectors: tuple[str, ...]
    """Those that give it; none when the supplier does not."""
    writable: bool
    """Whether one of them can write: a file in the supplier's own layout, or through its API."""
    fields: tuple[FieldCoverage, ...]

    def list_names(self, *, filled: bool = True, returned: bool | None = None, asked: bool = False) -> tuple[str, ...]:
        """Return the fields that are filled (or not), taken back (or not), and, where wanted, asked for."""
        return tuple(
            one.name
            for one in self.fields
            if one.filled is filled
            and (returned is None or (one.returned and self.writable) is returned)
            and (not asked or one.requirements)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCoverage:
    """The coverage of all contracts by one supplier."""

    supplier: str
    title: str
    tender: str
    """Id of the tender that it is read for; empty without one."""
    contracts: tuple[ContractCoverage, ...]


def cover(supplier: Supplier, consultation: Consultation | None = None) -> SupplierCoverage:
    """Return what a supplier covers of the contracts that it reads, or of all those that a tender asks for."""
    given = dict.fromkeys(table.contract for connector in supplier.connectors for table in connector.tables)
    wanted = [one.id for one in consultation.contracts] if consultation else list(given)
    return SupplierCoverage(
        supplier=supplier.id,
        title=supplier.title,
        tender=consultation.id if consultation else "",
        contracts=tuple(_cover_contract(contract, supplier, consultation) for contract in wanted),
    )


def _cover_contract(contract_id: str, supplier: Supplier, consultation: Consultation | None) -> ContractCoverage:
    contract = contracts.get(contract_id)
    connectors = [one for one in supplier.connectors if any(table.contract == contract_id for table in one.tables)]
    tables = [table for one in connectors for table in one.tables if table.contract == contract_id]
    converters: dict[str, tuple[Converter, ...]] = {}
    for table in tables:
        for name, entry in table.fields.items():
            converters[name] = (*converters.get(name, ()), *list_converters(entry))
    asking = consultation.list_requirements_of(contract_id) if consultation else ()
    return ContractCoverage(
        contract=contract_id,
        version=contract.about.version,
        connectors=tuple(one.id for one in connectors),
        writable=any(isinstance(one.dialect, Csv) or one.send for one in connectors),
        fields=tuple(
            FieldCoverage(
                name=name,
                required=contract.model_fields[name].is_required(),
                filled=name in converters,
                # Plain Python without columns states a constant: there is nothing to write back.
                returned=any(
                    one.is_faithful for one in converters.get(name, ()) if one.columns or not isinstance(one, PerRecord)
                ),
                columns=tuple(dict.fromkeys(column for one in converters.get(name, ()) for column in one.columns)),
                requirements=tuple(
                    one.id for one in asking if one.field == name and one.measure is not Measure.MINIMAL
                ),
            )
            for name in field_types.list_columns(contract)
            if name not in PIPELINE_FIELDS
        ),
    )


def to_content(coverage: SupplierCoverage) -> dict[str, Any]:
    """Return the JSON content, `passerelle.coverage/1`."""
    return asdict(coverage)
