"""Erases persons: from recipients, known records, quarantine, depot, lists, answers, trail, and from older copies.

Each step can be done again; a row in the journal says which are done. Killed at any moment, or kept from its end by a
file that is still under way, the same command finishes it. What closes older copies of the state is the keyring: the
keys of all that held the persons are destroyed, and with them those of all that nothing names any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from passerelle.engine.audit.revealing import require_why
from passerelle.engine.log import log
from passerelle.engine.persons.person_finding import SoughtPersons, find_traces
from passerelle.engine.persons.person_shelving import take_off_shelves
from passerelle.engine.persons.person_withdrawing import FlowWithdrawal, claim_flows, withdraw_flows, write_remaining
from passerelle.engine.records.subject_memory import LIKENESS, SUBJECT
from passerelle.engine.workspace.subject_references import find_systems
from passerelle.stores.parcels import FINAL
from passerelle.stores.trail import AuditEntry
from passerelle.stores.whole_lists import WholeListDraft, read_pieces
from passerelle.vocabulary.errors import ParcelError, UsageError
from passerelle.vocabulary.failpoints import hit_failpoint
from passerelle.vocabulary.ref_spelling import LOOSEST, normalise_ref
from passerelle.vocabulary.shelf import RemovalCause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from passerelle.engine.persons.person_finding import PersonTraces
    from passerelle.engine.workspace.assembly import Workspace
    from passerelle.stores.person_book import PersonAct

ERASE = "person.erase"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedPersons:
    """What an erasure did, in numbers: those of this call, when an earlier one was cut off."""

    persons: int
    flows: tuple[FlowWithdrawal, ...] = ()
    list_file: Path | None = None
    """The dated list of what people have to remove at recipients; None when nothing remains."""
    shelved: int = 0
    """Records that were taken off shelves."""
    known: int = 0
    """Records whose pseudonyms and ids were erased."""
    items: int = 0
    """Rows in quarantine that were destroyed."""
    deposits: int = 0
    """Received files that were destroyed as a whole: they were kept only for being taken again."""
    held: tuple[str, ...] = ()
    """Digests of received files that hold a person and are not finished: until they are, the erasure is not."""
    lists: int = 0
    entries: int = 0
    """Entries of the audit trail whose words were erased."""
    answers: int = 0
    """Statements that were erased, acceptances first of all; refusals stay."""
    keys: int = 0
    """Keys of what nothing names any more, that older copies of the state would have opened."""

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left."""
        return not self.held


def erase_persons(
    workspace: Workspace, refs: Iterable[str], *, why: str, who: str, lines: Sequence[int] = ()
) -> ErasedPersons:
    """Erase all that is held of persons, given by their references; `lines` say on which they were typed.

    Raises UsageError without a reason or a reference, and for references that are known nowhere: nothing is erased
    then. Raises TransientError while a flow runs, or when a recipient cannot be reached.
    """
    require_why(why)
    persons = SoughtPersons.of(refs, find_systems(workspace.settings, workspace.plugins).rules)
    if not persons.refs:
        raise UsageError("usage.references.none")
    # all flows: what is delivered meanwhile would be found by nobody
    with claim_flows(workspace, workspace.settings.flows):
        is_begun = any(
            act.act == ERASE and set(act.persons) == set(persons.refs) for act in workspace.journal.list_acts()
        )
        traces = find_traces(workspace, persons)
        if not is_begun:
            _refuse_unknown(persons, traces, lines or range(1, len(persons.refs) + 1))
        # what holds its own key opens from every copy: it has to be sealed anew before its key can be destroyed
        workspace.journal.seal_all_again((workspace.depot, workspace.wholes))
        act = workspace.journal.begin_act(ERASE, persons.refs, why=why, who=who, now=workspace.clock.now())
        hit_failpoint("person.begun")
        erased = _Erasure(workspace, act, persons, traces).work()
    log("persons_erased", count=erased.persons, removed=erased.deposits)
    return erased


def _refuse_unknown(persons: SoughtPersons, traces: PersonTraces, lines: Sequence[int]) -> None:
    unknown = [line for line, ref in zip(lines, persons.refs, strict=True) if ref not in traces.found]
    if unknown:
        known, places = len(persons.refs) - len(unknown), ", ".join(map(str, unknown))
        raise UsageError("usage.person.unknown", count=str(len(unknown)), known=str(known), places=places)


@dataclass(frozen=True, slots=True)
class _Erasure:
    """One erasure under way."""

    workspace: Workspace
    act: PersonAct
    persons: SoughtPersons
    traces: PersonTraces

    def work(self) -> ErasedPersons:
        """Do every step; return what was done."""
        workspace, journal = self.workspace, self.workspace.journal
        shelved = take_off_shelves(workspace, self.traces.records, self.persons.forms, RemovalCause.ERASED)
        flows, list_file = self.withdraw()
        known = self.erase_known()
        hit_failpoint("person.known")
        items = journal.erase_items(self.traces.items, workspace.clock.now())
        hit_failpoint("person.items")
        deposits, held = self.erase_deposits()
        hit_failpoint("person.deposits")
        lists = self.erase_lists()
        hit_failpoint("person.lists")
        entries = journal.erase_trail(set(self.persons.forms))
        workspace.api.erase_readings(tuple(self.persons.forms))
        answers = sum(workspace.consents.erase_statements(ref) for ref in self.persons.refs)
        hit_failpoint("person.trail")
        # last: it names what the steps before have to reach
        journal.forget_subjects(tuple(self.persons.forms))
        keys = journal.sweep_keys((workspace.depot, workspace.wholes), timedelta())
        hit_failpoint("person.swept")
        if not held:
            count, now = str(len(self.persons.refs)), workspace.clock.now()
            journal.end_act(self.act, AuditEntry(0, now, ERASE, count, self.act.why, self.act.who))
        return ErasedPersons(
            persons=len(self.persons.refs),
            flows=flows,
            list_file=list_file,
            shelved=shelved,
            known=known,
            items=items,
            deposits=deposits,
            held=held,
            lists=lists,
            entries=entries,
            answers=answers,
            keys=keys,
        )

    def withdraw(self) -> tuple[tuple[FlowWithdrawal, ...], Path | None]:
        """Take back what recipients have, once: what they cannot delete is in the list by then."""
        if "withdrawn" in self.act.done:
            return (), None
        flows = tuple(withdraw_flows(self.workspace, self.act, self.traces.records))
        written = write_remaining(self.workspace, self.act, flows)
        self.workspace.journal.note_step(self.act, "withdrawn")
        return flows, written

    def erase_known(self) -> int:
        """Erase pseudonyms and remote ids of the records about the persons, and theirs; return how many records."""
        seal, journal = self.workspace.seal, self.workspace.journal
        count = sum(
            journal.erase_known(flow, contract, seal.pseudonymise_each("ref", sorted(refs)))
            for (flow, contract), refs in sorted(self.traces.records.items())
        )
        forms = sorted(self.persons.forms)
        # Somebody else may look alike: who only resembles a person that was erased is no longer said to.
        loose = sorted({normalise_ref(form, LOOSEST) for form in forms})
        keys = {
            SUBJECT: seal.pseudonymise_each("ref", forms),
            LIKENESS: seal.pseudonymise_each("likeness", loose),
        }
        for flow, contract in journal.list_scopes():
            if contract in keys:
                journal.erase_known(flow, contract, keys[contract])
        return count

    def erase_deposits(self) -> tuple[int, tuple[str, ...]]:
        """Destroy the files that hold the persons; return how many, and those that a flow still needs.

        A file holds many persons, and is kept only for being taken again once its parcels are done. One that is not
        finished holds rows of others that were never delivered: it stays until somebody lets it go on or drops it.
        """
        rows = self.workspace.journal.list_parcels()
        unfinished = {row.digest for row in rows if row.state not in FINAL}
        done = sorted(self.traces.deposits - unfinished)
        for digest in done:
            self.workspace.depot.remove(digest)
        return len(done), tuple(sorted(self.traces.deposits & unfinished))

    def erase_lists(self) -> int:
        """Write the lists of whole exports anew without the persons' records; return how many held some."""
        journal, wholes, count = self.workspace.journal, self.workspace.wholes, 0
        rows = journal.list_whole_lists()
        for digest in set(wholes.list_digests()) - {row.digest for row in rows}:
            wholes.remove(digest)  # left by a process that died: no flow runs now that could be about to name it
        for row in rows:
            gone = {contract: refs for (flow, contract), refs in self.traces.records.items() if flow == row.flow}
            draft, dropped = WholeListDraft(row.flow), 0
            try:
                for contract, piece in read_pieces(wholes, row.digest):
                    own = piece.get_column("ref").is_in([*gone.get(contract, ()), *self.persons.forms])
                    dropped += int(own.sum())
                    draft.add(contract, piece.filter(~own))
            except ParcelError:
                continue
            if dropped:
                digest = draft.put(wholes)
                journal.replace_whole_list(row, digest)
                wholes.remove(row.digest)
                count += 1
        return count
