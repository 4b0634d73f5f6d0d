"""A night's work on the stores alone, taken up wherever it stopped: the child process of the crash tests.

Arguments: folder of the state, database URL, what to do (`work`, or `hold` a flow).
"""

from __future__ import annotations

import io
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from passerelle.stores.database import open_database
from passerelle.stores.depot import Depot
from passerelle.stores.journal import Journal
from passerelle.stores.seal import Seal
from passerelle.stores.settlement import DeliveredRecords, QuarantineItem, ReasonKey, Settlement
from passerelle.vocabulary.outcomes import Balance, Fate, SetAside
from passerelle.vocabulary.parcels import BatchKey, Parcel
from passerelle.vocabulary.place import Place

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"
BATCHES = 3
DELIVERED, ASIDE = 40, 5


def settlement(run: int, digest: str, number: int) -> Settlement:
    """Make the same settlement every time."""
    aside = SetAside(Fate.REJECTED, "validate.field.missing", Place(number + 1), contract="visit/1")
    item = QuarantineItem(aside, b"cells", NOW + timedelta(days=90))
    reason = ReasonKey("visit/1", "", aside.reason, "Statut", "status", "rejected")
    keys = b"".join(f"{digest[:8]}-{number}-{place:05}".encode() for place in range(DELIVERED))
    known = DeliveredRecords("visit/1", keys, b"c" * 16 * DELIVERED, (1,) * DELIVERED)
    books = Balance(DELIVERED + ASIDE, {Fate.DELIVERED: DELIVERED, Fate.REJECTED: ASIDE})
    return Settlement(FLOW, run, BatchKey(digest, number), books, NOW, {reason: ASIDE}, (item,) * ASIDE, (known,))


def receive(journal: Journal, depot: Depot) -> None:
    """Take in what two pages hold, from where the cursor stands."""
    for page in range(int(journal.get_cursor(FLOW) or 0), 2):
        deposit = depot.put(io.BytesIO(f"page {page}".encode() * 100), name=f"page {page}")
        parcel = Parcel(deposit.digest, FLOW, deposit.size, NOW, "", 1, 1)
        journal.register(parcel, cursor=str(page + 1))


def work(journal: Journal, depot: Depot) -> None:
    """Receive, settle, close."""
    with journal.claim(FLOW):
        run = journal.begin_run([FLOW], NOW)
        receive(journal, depot)
        for entry in journal.list_open_parcels(FLOW, NOW):
            with depot.open(entry.parcel.digest) as stream:
                stream.read()
            for number in range(BATCHES):
                if number not in entry.settled:
                    journal.settle(settlement(run, entry.parcel.digest, number))
            journal.close_parcel(FLOW, entry.parcel.digest, BATCHES, NOW)
        journal.append_audit("reveal", "quarantine:1", "why", NOW, "operator")
        journal.end_run(run, "settled", NOW)


def main() -> None:
    """Do what was asked."""
    state, url, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    engine = open_database(url)
    seal = Seal.from_key_file(state / "key", create=True)
    journal, depot = Journal(engine, seal), Depot(state / "depot", seal)
    if what == "hold":
        with journal.claim(FLOW):
            sys.stdout.write("held\n")
            sys.stdout.flush()
            time.sleep(60)
    else:
        work(journal, depot)
    engine.dispose()


if __name__ == "__main__":
    main()
