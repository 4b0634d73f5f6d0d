"""One database of PostgreSQL, several organisations: each sees, changes and counts its own rows alone."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples
from sqlalchemy import create_engine, delete, insert, literal_column, select, text

from passerelle.stores.claims import claim_flow
from passerelle.stores.database import open_database, open_reader, open_server, open_writer
from passerelle.stores.journal import Journal
from passerelle.stores.organisation_schema import metadata
from passerelle.stores.quarantine import Quarantine
from passerelle.stores.seal import KEY_BYTES, Seal
from passerelle.stores.tenancy import EVERYBODY, find_organisation, lend_engine
from passerelle.stores.trail import AuditEntry
from passerelle.vocabulary.errors import FatalError, PasserelleError, TransientError

if TYPE_CHECKING:
    from sqlalchemy import Engine

NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
FLOW = "visites"
OWN, OTHER = "una-35", "admr-81"


class Member:
    """An organisation of a shared journal, with a key of its own."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.seal = Seal(name.encode().ljust(KEY_BYTES, b"."))
        self.journal = Journal(self.engine, self.seal)
        self.quarantine = Quarantine(self.engine, self.seal)

    def show(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row of every table that this organisation sees, as it is stored."""
        with open_reader(self.engine) as connection:
            rows = {
                name: connection.execute(select(literal_column("*")).select_from(table)).all()
                for name, table in metadata.tables.items()
            }
        return {name: sorted((tuple(row) for row in some), key=repr) for name, some in rows.items()}


@pytest.fixture(params=["opened", "lent"])
def members(request, copied_postgresql_url):
    """Two organisations: each on connections of its own, or both on the same, as one worker serves them."""
    if request.param == "lent":
        yield request.getfixturevalue("lent_members")
        return
    pair = tuple(Member(open_database(copied_postgresql_url, name), name) for name in (OWN, OTHER))
    yield pair
    for member in pair:
        member.engine.dispose()


@pytest.fixture
def lent_members(copied_postgresql_url):
    """Two organisations on the same connections, as one worker serves them."""
    open_database(copied_postgresql_url, OWN).dispose()
    shared = open_server(copied_postgresql_url, EVERYBODY)
    yield tuple(Member(lend_engine(shared, name), name) for name in (OWN, OTHER))
    shared.dispose()


def _work(member: Member, make) -> None:
    """Do what one night does, under the same names and numbers as everybody."""
    journal = member.journal
    journal.register(make.parcel(), cursor="2026-02-28")
    run = journal.begin_run([FLOW], NOW)
    journal.settle(make.settlement(run=run, items=[make.item()], known=[make.known(b"1", remote="77")]))
    journal.close_parcel(FLOW, "a" * 64, 1, NOW)
    journal.append_audit("quarantine.reveal", "un sujet", "une raison", NOW, "quelqu'un")
    journal.raise_notice(FLOW, "silence.flow.late", {"every": "1d"}, NOW)


def test_two_organisations_have_the_same_names_and_keys_and_each_its_own_books(members, make):
    own, other = members
    for member in members:
        _work(member, make)
    assert len(own.journal.list_parcels()) == len(other.journal.list_parcels()) == 1
    assert own.journal.verify_audit() == other.journal.verify_audit() == 1
    assert [len(member.quarantine.list_rows()) for member in members] == [1, 1]
    mine, theirs = own.show(), other.show()
    assert mine["parcel"] != theirs["parcel"]
    assert {name: len(rows) for name, rows in mine.items()} == {name: len(rows) for name, rows in theirs.items()}


def test_the_row_of_another_organisation_cannot_be_written_or_taken(members, make):
    own, other = members
    _work(other, make)
    before = other.show()
    forged = text("INSERT INTO scope (flow, contract, organisation) VALUES ('f', 'c', :other)")
    with pytest.raises(FatalError), open_writer(own.engine) as connection:
        connection.execute(forged, {"other": OTHER})
    with open_writer(own.engine) as connection:
        for name in metadata.tables:
            taken = delete(metadata.tables[name]).where(literal_column("organisation") == OTHER)
            assert connection.execute(taken).rowcount == 0
    # a row of one's own that refers to one of somebody else
    values = {"scope_id": _find_scope(other), "ref_keys": b"", "contents": b"", "versions": b"", "parcels": b""}
    with pytest.raises(FatalError), open_writer(own.engine) as connection:
        connection.execute(insert(metadata.tables["known"]).values(values))
    assert other.show() == before


def _find_scope(member: Member) -> int:
    with open_reader(member.engine) as connection:
        return int(connection.execute(select(metadata.tables["scope"].c.id)).scalar_one())


def test_who_says_nothing_of_an_organisation_sees_and_writes_nothing(copied_postgresql_url, members, make):
    own, _other = members
    _work(own, make)
    bare = create_engine(copied_postgresql_url)
    with pytest.raises(Exception, match=r"passerelle\.organisation"), bare.connect() as connection:
        connection.execute(text("SELECT count(*) FROM parcel"))
    with bare.connect() as connection:
        connection.execute(text("SELECT set_config('passerelle.organisation', 'una-35', true)"))
        assert connection.execute(text("SELECT count(*) FROM parcel")).scalar() == 1
        connection.rollback()
        # the setting is an empty text by now: no row is of nobody
        assert connection.execute(text("SELECT count(*) FROM parcel")).scalar() == 0
        with pytest.raises(Exception, match="ck_scope_organisation"):
            connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('f', 'c')"))
    bare.dispose()


def test_claims_are_of_one_organisation(members):
    own, other = members
    with claim_flow(own.engine, FLOW), claim_flow(other.engine, FLOW):
        assert (find_organisation(own.engine), find_organisation(other.engine)) == (OWN, OTHER)
        with pytest.raises(TransientError), claim_flow(own.engine, FLOW):
            pass


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS"])
def test_an_account_that_policies_do_not_bind_is_refused(postgresql_server, copied_postgresql_url, right):
    server = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    name = f"trop_{right.lower()}"
    with server.connect() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {name}"))
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'x' {right}"))
    url = server.url.set(database=create_engine(copied_postgresql_url).url.database, username=name, password="x")
    with pytest.raises(FatalError) as caught:
        open_database(url.render_as_string(hide_password=False), OWN)
    assert caught.value.code == "incident.database.bypass"
    with server.connect() as connection:
        connection.execute(text(f"DROP ROLE {name}"))
    server.dispose()


_LETTERS = st.sampled_from("abc")
_CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), _LETTERS),
        st.tuples(st.just("settle"), _LETTERS, st.integers(0, 2), st.integers(0, 2)),
        st.tuples(st.just("close"), _LETTERS, st.integers(0, 2)),
        st.tuples(st.just("park"), _LETTERS),
        st.tuples(st.just("drop"), _LETTERS),
        st.tuples(st.just("reopen"), _LETTERS),
        st.tuples(st.just("discard"), st.lists(st.integers(1, 6), max_size=3)),
        st.tuples(st.just("erase"), st.lists(st.integers(1, 6), max_size=3)),
        st.tuples(st.just("suspend")),
        st.tuples(st.just("resume")),
        st.tuples(st.just("notice")),
        st.tuples(st.just("clear")),
        st.tuples(st.just("audit")),
        st.tuples(st.just("erase_trail")),
        st.tuples(st.just("expire")),
        st.tuples(st.just("drop_parked")),
        st.tuples(st.just("forget"), _LETTERS),
        st.tuples(st.just("cursor")),
    ),
    max_size=25,
)


def _call(member: Member, make, word: str, *rest) -> None:
    journal, late = member.journal, datetime(2027, 1, 1, tzinfo=UTC)
    acts = {
        "register": lambda letter: journal.register(make.parcel(letter)),
        "settle": lambda letter, number, items: journal.settle(
            make.settlement(
                number,
                parcel=letter,
                run=journal.begin_run([FLOW], NOW),
                items=[make.item()] * items,
                known=[make.known(bytes([number]) * 3)],
            )
        ),
        "close": lambda letter, batches: journal.close_parcel(FLOW, letter * 64, batches, NOW),
        "park": lambda letter: journal.park_parcel(FLOW, letter * 64, "incident.parcel.poison", NOW),
        "drop": lambda letter: journal.drop_parcel(
            FLOW, letter * 64, AuditEntry(0, NOW, "parcel.drop", "un sujet", "r", "q")
        ),
        "reopen": lambda letter: journal.reopen_parcel(FLOW, letter * 64),
        "discard": lambda ids: member.quarantine.move_items(ids, "discarded", NOW),
        "erase": lambda ids: journal.erase_items(ids, NOW),
        "suspend": lambda: journal.suspend(FLOW, "incident.flow.busy", NOW),
        "resume": lambda: journal.resume(FLOW),
        "notice": lambda: journal.raise_notice(FLOW, "silence.flow.late", {"every": "2d"}, NOW),
        "clear": lambda: journal.clear_notice(FLOW, "silence.flow.late"),
        "audit": lambda: journal.append_audit("quarantine.reveal", "un sujet", "r", NOW, "q"),
        "erase_trail": lambda: journal.erase_trail({"un", "sujet"}),
        "expire": lambda: member.quarantine.expire(late),
        "drop_parked": lambda: journal.drop_parked_before(late),
        "forget": lambda letter: journal.forget_remote_ids(FLOW, "visit/1", [letter.encode().ljust(16, b".")]),
        "cursor": lambda: journal.move_cursor(FLOW, "2026-05-05"),
    }
    try:
        acts[word](*rest)
    except PasserelleError:
        return  # what the call refuses is refused to this organisation


@given(_CALLS)
@settings(max_examples=count_examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_one_organisation_does_changes_what_another_sees(members, make, calls):
    own, other = members
    if not other.journal.list_parcels():
        _work(other, make)
    before = other.show()
    # numbers count through all organisations: some of the calls name those of the other's rows
    for call in calls:
        _call(own, make, *call)
    assert other.show() == before
    assert other.journal.verify_audit() == 1


def test_on_shared_connections_each_transaction_is_of_its_own_organisation_alone(copied_postgresql_url):
    open_database(copied_postgresql_url, OWN).dispose()
    shared = open_server(copied_postgresql_url, EVERYBODY)
    lent = {name: lend_engine(shared, name) for name in (OWN, OTHER)}
    for name, engine in lent.items():
        assert find_organisation(engine) == name
        with open_writer(engine) as connection:
            connection.execute(text("INSERT INTO scope (flow, contract) VALUES ('visites', :whose)"), {"whose": name})
    lent[OWN].dispose()  # the connections stay
    for name, engine in lent.items():
        with open_reader(engine) as connection:
            assert connection.execute(text("SELECT contract FROM scope")).scalars().all() == [name]
        # the flow of one is not the flow of the other: a command that has one keeps nobody from the other
        with claim_flow(engine, FLOW), claim_flow(lent[OTHER if name == OWN else OWN], FLOW):
            pass
    with open_reader(shared) as connection:
        assert connection.execute(text("SELECT count(*) FROM scope")).scalar() == 0
    shared.dispose()


def test_words_of_organisations_on_the_same_connections_are_sealed_with_the_key_of_their_own(lent_members):
    for number in range(3):
        for member in lent_members:
            member.journal.raise_notice(FLOW, f"code.{number}", {"column": f"Nom {number}"}, NOW)
    for member in lent_members:
        assert [each.details["column"] for each in member.journal.list_notices()] == ["Nom 0", "Nom 1", "Nom 2"]
        with open_reader(member.engine) as connection:
            sealed = connection.execute(text("SELECT details FROM notice ORDER BY code")).scalars().all()
        assert [json.loads(member.seal.open_word(word))["column"] for word in sealed] == ["Nom 0", "Nom 1", "Nom 2"]


def test_words_of_organisations_that_work_at_once_are_sealed_with_the_key_of_their_own(lent_members):
    start = threading.Barrier(len(lent_members))

    def write_and_read(member: Member) -> list[str]:
        start.wait()
        for number in range(40):
            member.journal.raise_notice(FLOW, f"code.{number:02}", {"column": f"Nom {number}"}, NOW)
            member.journal.list_notices()
        return [each.details["column"] for each in member.journal.list_notices()]

    with ThreadPoolExecutor(len(lent_members)) as threads:
        read = list(threads.map(write_and_read, lent_members))
    assert read == [[f"Nom {number}" for number in range(40)]] * len(lent_members)
    for member in lent_members:
        with open_reader(member.engine) as connection:
            for word in connection.execute(text("SELECT details FROM notice")).scalars():
                member.seal.open_word(word)
