"""A contract: a frozen model with an id and a version, flat, with metadata on every field."""

from __future__ import annotations

from dataclasses import field, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from passerelle.contracts.evolution.lifecycle import find_support_end
from passerelle.contracts.field_meta import (
    ALL_PURPOSES,
    DataSubject,
    Deprecation,
    FieldMeta,
    Purpose,
    RecipientKind,
    Sensitivity,
    declare_field,
)
from passerelle.contracts.types import Identifier, Part, Provenance, Text, Urn
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractMeta:
    """Name, version, titles and history of a contract."""

    family: str
    """Its name, the field's standard term in the singular: `visit`."""
    version: str
    """Semantic version of this state of the contract: `1.0.0`. The major part is in the id, `visit/1`."""
    fr_title: str
    en_title: str
    fr: str
    """What one record is («une ligne par …»), in French."""
    en: str
    person: str = "person_ref"
    """The field that says which person accompanied the record is about; empty when it is about none."""
    changes: tuple[tuple[str, str, str], ...] = (("1.0.0", "Première édition.", "First edition."),)
    """Version, and what changed in it, in French and in English; the latest first."""
    reworded: tuple[str, ...] = ()
    """Fields that this version describes in other words with the same meaning, as the author declares."""
    successor_published: str = ""
    """Day on which the next major line was published (`2027-09-01`); empty while this one is the latest."""

    @property
    def id(self) -> str:
        """`visit/1`."""
        return f"{self.family}/{self.version.partition('.')[0]}"

    @property
    def support_until(self) -> str:
        """Last day on which this major line is supported; empty while it has no successor."""
        return find_support_end(self.successor_published)


@dataclass(frozen=True, slots=True)
class Rule:
    """A cross-field rule, with the reason code of its breach.

    `holds` checks one model. `plainly` returns a polars expression that is true where the rule surely holds; where it
    is false or null the model path decides. It reads all of `fields`: the caller first adds those that the frame
    lacks, as columns of nulls of the contract's type. Without `plainly`, rows that fill one of `fields` all take the
    model path.
    A rule with `warns` never refuses.
    """

    code: str
    fields: tuple[str, ...]
    holds: Callable[[Any], bool]
    columnar: Callable[[], pl.Expr] | None = None
    warns: bool = False
    counter_example: Mapping[str, Any] = field(default_factory=dict)
    """Values, in JSON form, that break the rule in a record of required fields only; None: without that field."""


class Contract(Part):
    """Base of all contracts. Unknown is an absent field; «explicitly none» is named in `confirmed_none`."""

    about: ClassVar[ContractMeta]
    rules: ClassVar[tuple[Rule, ...]] = ()

    ref: Urn = declare_field(
        ...,
        fr_title="Référence",
        en_title="Reference",
        fr="Identifiant stable de l'enregistrement : système source, entité, identifiant local.",
        en="Stable identifier of the record: source system, entity, local id.",
        example="compani:visit:5ce2422ab0aeeee1f018edd5",
        subject=DataSubject.NONE,
        sensitivity=Sensitivity.IDENTIFYING,
        purposes=ALL_PURPOSES,
        key=True,
    )
    identifiers: Annotated[list[Identifier], Field(max_length=20)] | None = declare_field(
        fr_title="Identifiants",
        en_title="Identifiers",
        fr="Autres numéros qui désignent le même objet, chacun avec le système qui l'attribue.",
        en="Other numbers that name the same thing, each with the system that gives it.",
        example=[{"system": "caf", "value": "1234567"}],
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.IDENTIFYING,
        purposes=(Purpose.SUPPORT, Purpose.BILLING, Purpose.EFFECTIVITY, Purpose.RIGHTS),
        # among them the NIR, which a partner may use only where a decree names it (décret 2019-341)
        withheld_from=(RecipientKind.PARTNER,),
    )
    confirmed_none: Annotated[list[Text], Field(max_length=60)] | None = declare_field(
        fr_title="Absences confirmées",
        en_title="Confirmed none",
        fr="Noms des champs dont la source dit explicitement qu'il n'y a rien (ce n'est pas «non renseigné»).",
        en="Names of the fields of which the source says explicitly that there is nothing (which is not «unknown»).",
        example=["telecoms"],
        subject=DataSubject.NONE,
        sensitivity=Sensitivity.ORDINARY,
        purposes=ALL_PURPOSES,
    )
    # Nobody has judged what is in it: it counts as special, and leaves by portability alone.
    extra: dict[str, dict[str, str]] | None = declare_field(
        fr_title="Hors contrat",
        en_title="Extra",
        fr="Ce que le fournisseur envoie et qu'aucun champ ne porte, sous le nom du fournisseur puis de sa colonne.",
        en="What the supplier sends and no field holds, under the supplier's name, then its column.",
        example={"compani": {"Équipe": "Girafes - 75"}},
        subject=DataSubject.PERSON,
        sensitivity=Sensitivity.SPECIAL,
        purposes=(Purpose.PORTABILITY,),
    )
    # Operators trace a record by it whatever the flow is for.
    source: Provenance | None = declare_field(
        fr_title="Provenance",
        en_title="Provenance",
        fr="D'où vient l'enregistrement ; ajoutée par la chaîne, jamais par une correspondance.",
        en="Where the record comes from; added by the pipeline, never by a mapping.",
        example={
            "supplier": "compani",
            "connector": "compani-interventions",
            "connector_version": "0.1.0",
            "parcel": "0" * 64,
            "row": 2,
            "received_at": "2024-12-31T08:00:00+01:00",
        },
        subject=DataSubject.NONE,
        sensitivity=Sensitivity.ORDINARY,
        purposes=ALL_PURPOSES,
    )

    @classmethod
    @cache
    def describe_fields(cls) -> Mapping[str, FieldMeta]:
        """Metadata of each field, by name."""
        return {name: _to_field_meta(info.json_schema_extra) for name, info in cls.model_fields.items()}

    @classmethod
    @cache
    def list_fields(cls) -> tuple[str, ...]:
        """Field names in canonical order: `ref` first, then the contract's own, `extra` and `source` last."""
        tail = ("identifiers", "confirmed_none", "extra", "source")
        own = [name for name in cls.model_fields if name not in tail and name != "ref"]
        return ("ref", *own, *tail)


def _to_field_meta(extra: Any) -> FieldMeta:
    # pydantic keeps the metadata as plain data, for the schema: enumerations and dataclasses are made again here.
    about = dict(extra["passerelle"])
    about["subject"] = DataSubject(about["subject"])
    about["sensitivity"] = Sensitivity(about["sensitivity"])
    about["withheld_from"] = tuple(RecipientKind(kind) for kind in about["withheld_from"])
    about["purposes"] = tuple(Purpose(purpose) for purpose in about["purposes"])
    about["deprecated"] = Deprecation(**about["deprecated"]) if about["deprecated"] else None
    return FieldMeta(**{field.name: about[field.name] for field in fields(FieldMeta)})
