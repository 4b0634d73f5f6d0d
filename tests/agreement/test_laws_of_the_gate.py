"""Laws of the gate over all contracts: what may not go makes no difference, and figures rank nobody."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples
from strategies import records as draw_records

from passerelle import contracts
from passerelle.contracts import canonical
from passerelle.contracts.field_meta import DataSubject, Purpose, RecipientKind, Sensitivity
from passerelle.contracts.field_types import list_columns, list_shapes
from passerelle.contracts.release import NEVER
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.contracts.types import FieldKind
from passerelle.stages.gate.gating import GateResult, gate
from passerelle.stages.gate.subjects import find_subject_fields
from passerelle.vocabulary.parcels import Records, TextTable
from passerelle.vocabulary.place import ROW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
CONTRACTS = list(contracts.catalogue().values())
policies = st.builds(
    ReleasePolicy,
    purpose=st.sampled_from(Purpose),
    recipient_kind=st.sampled_from(RecipientKind),
    is_consulted=st.booleans(),
    has_ground=st.booleans(),
)


def pass_gate(contract: Any, bodies: Sequence[dict[str, Any]], policy: ReleasePolicy) -> GateResult:
    # Extra columns differ from input to input: their law is that of `without_named_columns`.
    schema = {name: dtype for name, dtype in list_columns(contract).items() if name not in ("extra", "source")}
    lines = [json.dumps({name: value for name, value in body.items() if name in schema}) for body in bodies]
    frame = pl.Series(lines, dtype=pl.String).str.json_decode(pl.Struct(schema)).struct.unnest()
    frame = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))
    table = TextTable("", pl.DataFrame({"A": [""] * len(bodies)}), pl.Series(range(len(bodies)), dtype=pl.UInt32))
    records = Records(contract.about.id, frame)
    return gate(records, table=table, policy=policy, consent="opposition", answers=lambda _refs: {})


@settings(max_examples=count_examples(40), deadline=None)
@given(st.data(), st.sampled_from(CONTRACTS), policies)
def test_law_1_two_inputs_that_differ_only_in_what_may_not_go_leave_alike(data, contract, policy):
    size = data.draw(st.sampled_from([1, 3, 12]))
    pair = st.tuples(draw_records(contract), draw_records(contract))
    drawn = data.draw(st.lists(pair, min_size=size, max_size=size))
    withheld = {name for name, release in policy.find_releases(contract).items() if release == NEVER}
    # Whose a record is never leaves with figures, but decides how large its group is.
    withheld -= {next(iter(find_subject_fields(contract).all), "")}
    one = [{**body, "ref": f"a:{contract.about.family}:{row}"} for row, (body, _other) in enumerate(drawn)]
    two = [
        {name: value for name, value in body.items() if name not in withheld}
        | {name: other[name] for name in withheld if name in other}
        for body, (_body, other) in zip(one, drawn, strict=True)
    ]
    required = {name for name, info in contract.model_fields.items() if info.is_required()}
    for body, like in zip(two, one, strict=True):
        body.update({name: like[name] for name in required - set(body) if name in like})
    first, second = (pass_gate(contract, bodies, policy) for bodies in (one, two))
    assert [canonical.to_records(each.records.frame, contract) for each in (first, second)] == [
        canonical.to_records(first.records.frame, contract)
    ] * 2
    assert first.records.frame[ROW].to_list() == second.records.frame[ROW].to_list()
    assert [item.row for item in first.records.aside] == [item.row for item in second.records.aside]


@settings(max_examples=count_examples(15), deadline=None)
@given(st.data(), st.sampled_from(CONTRACTS), policies)
def test_law_2_a_column_that_no_field_of_the_contract_is_does_not_leave(data, contract, policy):
    bodies = data.draw(st.lists(draw_records(contract), min_size=1, max_size=6))
    gated = pass_gate(contract, bodies, policy)
    releases = policy.find_releases(contract)
    assert all(name == ROW or releases[name] != NEVER for name in gated.records.frame.columns)


# -- law 6: no ranking

WORKERS, PERSONS, VISITS = 8, 40, 600
SERVICES = ("Toilette", "Repas", "Ménage")


def invent_visits(seed: int) -> list[dict[str, Any]]:
    """Invent the visits of some weeks, sorted by worker, as exports are; workers differ in how many are cancelled."""
    rng, bodies = random.Random(seed), []  # noqa: S311  invented data
    for row in range(VISITS):
        worker, day = row * WORKERS // VISITS, rng.randrange(1, 29)
        bodies.append(
            {
                "ref": f"a:visit:{worker}~2024-11-{day:02}~{row}",
                "person_ref": f"a:person:{rng.randrange(PERSONS)}",
                "professional_ref": f"a:professional:worker{worker}@example.org",
                "team": f"Équipe {worker}",
                "status": "cancelled" if rng.random() < worker / 20 else "done",
                "service": {"original": rng.choice(SERVICES)},
                "planned_start": f"2024-11-{day:02}T{rng.randrange(7, 20):02}:{rng.randrange(60):02}:00+01:00",
                "stamped_start": f"2024-11-{day:02}T{rng.randrange(7, 20):02}:{rng.randrange(60):02}:00+01:00",
                "travel_km": f"{worker}.5",
                "billed_quantity": rng.choice(["0.5", "1", "1.5"]),
                "comment": f"passage de worker{worker}",
            }
        )
    return bodies


def invent_absences(seed: int) -> list[dict[str, Any]]:
    rng = random.Random(seed)  # noqa: S311  invented data
    return [
        {
            "ref": f"a:absence:{row}",
            "professional_ref": f"a:professional:worker{row % WORKERS}@example.org",
            "nature": "professional",
            "starts_on": f"2024-11-{rng.randrange(1, 29):02}",
            "ends_on": "2024-11-30",
            "contract_hours": "35",
        }
        for row in range(60)
    ]


def invent_professionals() -> list[dict[str, Any]]:
    return [
        {
            "ref": f"a:professional:worker{worker}@example.org",
            "last_name": f"NOM{worker}",
            "profession": {"code": "aide", "system": "professions"},
            "telecoms": [{"kind": "email", "value": f"worker{worker}@example.org"}],
        }
        for worker in range(WORKERS)
    ]


WORKSPACE = {
    "visit/1": invent_visits(1),
    "absence/1": invent_absences(2),
    "professional/1": invent_professionals(),
}


def flatten(body: dict[str, Any], opening: str = "") -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{opening}{name}.")
        elif isinstance(value, list):
            yield f"{opening}{name}", repr(value)
        elif value is not None:
            yield f"{opening}{name}", str(value)


def deliver(purpose: Purpose) -> dict[str, list[tuple[dict[str, str], str]]]:
    """Return each delivered row as flat cells, beside whose row it is; its handle, which is its own, is out."""
    policy = ReleasePolicy(purpose=purpose, recipient_kind=RecipientKind.SELF, is_consulted=True, has_ground=True)
    outputs = {}
    for contract, bodies in WORKSPACE.items():
        gated = pass_gate(contracts.get(contract), bodies, policy).records.frame
        rows = canonical.to_records(gated, contracts.get(contract))
        truth = [str(bodies[row].get("professional_ref", bodies[row]["ref"])) for row in gated[ROW]]
        cells = [{name: value for name, value in flatten(row) if name != "ref"} for row in rows]
        outputs[contract] = list(zip(cells, truth, strict=True))
    return outputs


def rank(outputs: dict[str, list[tuple[dict[str, str], str]]]) -> set[str]:
    """Try to tell professionals: by any value, or any two, that only one professional's rows share, in all outputs.

    Two values found to be of one professional in different outputs join them, which makes a ranking.
    """
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for rows in outputs.values():
        for cells, whose in rows:
            items = sorted(cells.items())
            for key in [*((one,) for one in items), *combinations(items, 2), tuple(items)]:
                groups.setdefault(key, []).append(whose)
    return {whose[0] for whose in groups.values() if len(whose) > 1 and len(set(whose)) == 1}


def rank_by_order(outputs: dict[str, list[tuple[dict[str, str], str]]]) -> int:
    """Count neighbours of the same professional: an order by worker is a key as well."""
    whose = [one for _cells, one in outputs["visit/1"]]
    return sum(one == other for one, other in pairwise(whose))


def test_law_6_an_adversary_who_joins_all_figures_of_a_workspace_tells_no_professional():
    outputs = deliver(Purpose.STEERING)
    assert len(outputs["visit/1"]) > VISITS // 2
    assert rank(outputs) == set()
    # by chance, one neighbour in eight is of the same worker
    assert rank_by_order(outputs) < len(outputs["visit/1"]) / WORKERS * 2


def test_law_6_the_same_adversary_ranks_everybody_where_the_data_are_taken_along():
    outputs = deliver(Purpose.PORTABILITY)
    assert len(rank(outputs)) == WORKERS
    assert rank_by_order(outputs) > VISITS - 2 * WORKERS


@pytest.mark.parametrize("purpose", [Purpose.STEERING, Purpose.STATISTICS])
def test_law_6_no_group_of_any_figures_is_smaller_than_it_must_be(purpose):
    for rows in deliver(purpose).values():
        combinations_of_rows = [tuple(sorted(cells.items())) for cells, _whose in rows]
        for one in set(combinations_of_rows):
            needed = 11 if purpose is Purpose.STATISTICS or any(name.startswith("service") for name, _v in one) else 5
            assert combinations_of_rows.count(one) >= needed


def read_samples() -> dict[str, list[dict[str, Any]]]:
    """Return what every connector reads of its own nominal samples, by contract: one workspace that has them all."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted(ROOT.glob("plugins/*/samples/**/nominal*.expected.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            entry = json.loads(line)
            if "record" in entry:
                found[entry["contract"]].append(entry["record"])
    return found


def list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from list_texts(part)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("purpose", [Purpose.STEERING, Purpose.STATISTICS])
def test_law_6_no_value_of_a_withheld_field_of_any_sample_is_in_the_figures_of_the_workspace(purpose):
    policy = ReleasePolicy(purpose=purpose, recipient_kind=RecipientKind.SELF, is_consulted=True, has_ground=True)
    samples = read_samples()
    assert len(samples) > 15
    for contract_id, bodies in samples.items():
        contract = contracts.get(contract_id)
        releases = policy.find_releases(contract)
        # twelve of each, of as many people, so that groups are large enough for anything that may go to go
        names = ("ref", *find_subject_fields(contract).all)
        many = [
            body | {name: f"{body[name]}-{copy}" for name in names if isinstance(body.get(name), str)}
            for body in bodies
            for copy in range(12)
        ]
        gated = pass_gate(contract, many, policy)
        assert gated.records.frame.height == len(many)
        withheld = {
            text
            for body in bodies
            for name, value in body.items()
            if releases[name] == NEVER and name not in ("confirmed_none", "source")
            for text in list_texts(value)
        }
        allowed = {
            text
            for body in bodies
            for name, value in body.items()
            if releases[name] != NEVER
            for text in list_texts(value)
        }
        for row in canonical.to_records(gated.records.frame.drop("ref"), contract):
            assert not (withheld - allowed) & set(list_texts(row))


def test_law_6_holds_for_the_shapes_of_every_contract():
    """No field of figures may hold what names somebody: whatever a connector fills it with."""
    for contract in CONTRACTS:
        for purpose in (Purpose.STEERING, Purpose.STATISTICS):
            releases = ReleasePolicy(
                purpose=purpose, recipient_kind=RecipientKind.SELF, is_consulted=True, has_ground=True
            ).find_releases(contract)
            for name, meta in contract.describe_fields().items():
                if meta.subject in (DataSubject.WORKER, DataSubject.RELATED) and (
                    meta.sensitivity in (Sensitivity.IDENTIFYING, Sensitivity.SURVEILLANCE)
                    or list_shapes(contract)[name].kind is FieldKind.TEXT
                ):
                    assert releases[name] == NEVER
