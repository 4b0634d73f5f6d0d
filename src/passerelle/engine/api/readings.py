"""What a token may read of one contract: from which shelves, with which fields, under whose handles.

A shelf that is filled for a purpose is read for that purpose alone; one that is filled for portability, which keeps
everything, for each purpose that a token has. What of a field goes is what the gate lets go of it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from passerelle import contracts
from passerelle.contracts.catalogue import list_ids
from passerelle.contracts.field_meta import FIGURES, Purpose, RecipientKind
from passerelle.contracts.release import NEVER
from passerelle.contracts.release_policy import ReleasePolicy
from passerelle.engine.api.refusals import RequestRefusedError
from passerelle.engine.path.plans import get_plan
from passerelle.engine.records.handles import Handles
from passerelle.engine.workspace.assembly import list_recipient_names, may_object
from passerelle.engine.workspace.recipients import make_list_kept
from passerelle.stages.gate.minimising import check_purpose
from passerelle.stores.seal import PSEUDONYM_BYTES
from passerelle.vocabulary.errors import FlowError
from passerelle.vocabulary.light_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from passerelle.contracts.contract import Contract
    from passerelle.engine.settings.workspace_settings import Flow
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stages.gate.gating import ConsentRule
    from passerelle.stores.tokens import ApiToken
    from passerelle.vocabulary.shelf import ShelfReader, ShelfScope


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfView:
    """One shelf as a token sees it: what may pass, and how references are called."""

    scope: ShelfScope
    policy: ReleasePolicy
    consent: ConsentRule
    answers: Callable[[Sequence[str]], Mapping[str, bool]]
    may_object: bool
    find_words: Callable[[], Mapping[str, Collection[str]]]
    handles: Handles
    find_untold: Callable[[Mapping[str, int], Sequence[str], int], Collection[str]]
    """Of records that are withheld, by number, and of others: which of the first are told as removed to whoever comes
    from a number. See `stores.withheld_records`."""

    @property
    def name(self) -> str:
        """Return what tells this shelf apart in a cursor: one that is filled anew is another one."""
        return f"{self.scope.flow}/{self.scope.since.timestamp():.6f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractReading:
    """One contract, as a token reads it for a purpose."""

    contract: type[Contract]
    token: ApiToken
    purpose: Purpose
    views: tuple[ShelfView, ...]
    """By flow; none: nothing of the contract is kept for this purpose."""

    @property
    def id(self) -> str:
        """Return the contract: `visit/1`."""
        return self.contract.about.id

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that answers may have, in canonical order."""
        return list_served_fields(self.contract, [view.policy for view in self.views])


def list_served_fields(contract: type[Contract], policies: Sequence[ReleasePolicy]) -> tuple[str, ...]:
    """Return the fields that go under any of these policies, without the provenance that only portability takes along.

    Provenance changes with every parcel: whoever had it would learn that something they may not have has changed.
    """
    releases = [policy.find_releases(contract) for policy in policies]
    takes_everything = any(policy.takes_everything for policy in policies)
    return tuple(
        name
        for name in contract.list_fields()
        if (name != "source" or takes_everything) and any(one[name] != NEVER for one in releases)
    )


def choose_purpose(token: ApiToken, named: str | None) -> Purpose:
    """Return the one purpose that a request is for. Raises RequestRefusedError."""
    purposes = token.terms.purposes
    if named is None:
        if len(purposes) > 1:
            raise RequestRefusedError("api.purpose.ambiguous")
        return Purpose(purposes[0])
    if named not in purposes:
        raise RequestRefusedError("api.purpose.refused")
    return Purpose(named)


def open_reading(
    workspace: Workspace, shelf: ShelfReader, token: ApiToken, purpose: Purpose, contract_id: str
) -> ContractReading:
    """Return what a token may read of a contract. Raises RequestRefusedError `api.contract.unknown`.

    An unknown contract, one that is not the token's and one of which nothing is kept are told in the same words.
    """
    if contract_id not in token.terms.contracts or contract_id not in list_ids():
        raise RequestRefusedError("api.contract.unknown")
    contract = contracts.get(contract_id)
    views = tuple(
        view
        for scope in sorted(shelf.list_scopes(contract_id), key=lambda scope: scope.flow)
        if (view := _open_view(workspace, scope, token, purpose, contract)) is not None
    )
    if not views:
        raise RequestRefusedError("api.contract.unknown")
    return ContractReading(contract=contract, token=token, purpose=purpose, views=views)


def list_readings(
    workspace: Workspace, shelf: ShelfReader, token: ApiToken, purpose: Purpose
) -> tuple[ContractReading, ...]:
    """Return all that a token may read for a purpose, in the order of its contracts."""
    found = []
    for contract_id in token.terms.contracts:
        try:
            found.append(open_reading(workspace, shelf, token, purpose, contract_id))
        except RequestRefusedError:
            continue
    return tuple(found)


def _open_view(
    workspace: Workspace, scope: ShelfScope, token: ApiToken, purpose: Purpose, contract: type[Contract]
) -> ShelfView | None:
    """Return a shelf as a token sees it; None when it was not filled for this purpose, or nothing of it may go."""
    flow = workspace.settings.flows.get(scope.flow)
    # a flow that left the settings has no processing any more: nobody answers for what it kept
    if flow is None or purpose in FIGURES or scope.purpose not in (purpose, Purpose.PORTABILITY):
        return None
    today = workspace.clock.now().date()
    stated = flow.make_release(today)
    policy = ReleasePolicy(
        purpose=purpose,
        recipient_kind=RecipientKind(token.terms.recipient),
        is_consulted=stated.is_consulted,
        has_ground=stated.has_ground,
    )
    try:
        check_purpose(contract, policy)
    except FlowError:
        return None
    client, recipients = token.terms.client, (token.terms.client, *list_recipient_names(flow))

    def find_answers(refs: Sequence[str]) -> Mapping[str, bool]:
        return workspace.consents.find_answers(purpose, refs, workspace.clock.now(), recipients=recipients)

    audience = f"{client}\n{purpose}\n{scope.flow}\n{scope.contract}\n{scope.since.timestamp():.6f}"
    return ShelfView(
        find_untold=partial(_find_untold, workspace, audience),
        scope=scope,
        policy=policy,
        consent=flow.consent,
        answers=find_answers,
        may_object=may_object(flow),
        find_words=partial(_find_words, workspace, flow, contract.about.id),
        handles=Handles(
            seal=workspace.seal,
            recipient=client,
            purpose=purpose,
            list_kept=make_list_kept(flow, workspace.plugins, is_read=True),
        ),
    )


def _find_untold(
    workspace: Workspace, audience: str, withheld: Mapping[str, int], others: Sequence[str], reached: int
) -> Collection[str]:
    """Return which withheld records are told as removed; nearly always there are none, and nothing to look up."""
    digest = workspace.seal.compute_mac("api/audience", audience.encode())[:PSEUDONYM_BYTES]
    if not withheld and not workspace.api.has_told(digest):
        return ()
    refs = [*withheld, *others]
    keys = dict(zip(refs, workspace.seal.pseudonymise_each("ref", refs), strict=True))
    numbers = {keys[ref]: number for ref, number in withheld.items()}
    untold = workspace.api.choose_untold(digest, numbers, [keys[ref] for ref in others], reached)
    return {ref for ref in withheld if keys[ref] in untold}


def _find_words(workspace: Workspace, flow: Flow, contract_id: str) -> Mapping[str, Collection[str]]:
    """Return the supplier's words in the code tables of a flow's connector, by field."""
    supplier, connector, _plugin = workspace.plugins.find_connector(flow.connector)
    return get_plan(supplier.id, connector, flow.locality).words.get(contract_id, {})
