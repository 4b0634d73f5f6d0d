"""Numbers of MySQL, SQL Server and Oracle say what SQLSTATEs say: what waits, what is corrected, what is refused."""

from __future__ import annotations

import socket
import ssl
from types import SimpleNamespace

import pymysql
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from passerelle.edges.databases.server_codes import find_server_state
from passerelle.edges.databases.sqlstates import is_of_the_record, name_problem
from passerelle.vocabulary.errors import FlowError, TransientError


class OdbcError(Exception):
    __module__ = "pyodbc"


class OracleError(Exception):
    __module__ = "oracledb"


def odbc(state, number, words="Mme Untel"):
    return OdbcError(
        state, f"[{state}] [Microsoft][ODBC Driver 18 for SQL Server]{words} ({number}) (SQLDriverConnect)"
    )


def oracle(code, *, cause=None):
    full = code if isinstance(code, str) else f"ORA-{code:05}"
    error = OracleError(SimpleNamespace(code=0 if isinstance(code, str) else code, full_code=full, message="Mme Untel"))
    error.__cause__ = cause
    return error


def mysql(number, cause=None):
    error = pymysql.err.OperationalError(number, "Mme Untel")
    if cause is not None:
        error.original_exception = cause
    return error


UNKNOWN = socket.gaierror(socket.EAI_NONAME, "x")
PASSING = socket.gaierror(socket.EAI_AGAIN, "x")
UNTRUSTED = ssl.SSLCertVerificationError("x")


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (mysql(1045), FlowError, "incident.flow_database.credentials"),
        (mysql(1049), FlowError, "incident.flow_database.absent"),
        (mysql(1142), FlowError, "incident.flow_database.right"),
        (mysql(1040), TransientError, "incident.destination.unreachable"),
        (mysql(1213), TransientError, "incident.destination.unreachable"),
        (mysql(1114), TransientError, "incident.folder.full"),
        (mysql(2003), TransientError, "incident.destination.unreachable"),
        (mysql(2003, UNKNOWN), FlowError, "incident.flow_database.host"),
        (mysql(2003, PASSING), TransientError, "incident.destination.unreachable"),
        (mysql(2003, UNTRUSTED), FlowError, "incident.flow_database.untrusted"),
        (mysql(2026), FlowError, "incident.flow_database.in_clear"),
        (mysql(1146), FlowError, "incident.destination.forbidden"),
        (odbc("28000", 18456), FlowError, "incident.flow_database.credentials"),
        (odbc("42000", 4060), FlowError, "incident.flow_database.absent"),
        (odbc("42000", 229), FlowError, "incident.flow_database.right"),
        (odbc("42000", 262), FlowError, "incident.flow_database.right"),
        (odbc("40001", 1205), TransientError, "incident.destination.unreachable"),
        (odbc("08001", -1, "TCP Provider: Error code 0x2749"), TransientError, "incident.destination.unreachable"),
        (odbc("HYT00", 0, "Login timeout expired"), TransientError, "incident.destination.unreachable"),
        (
            odbc("08001", -1, "SSL Provider: [error:0A000086:SSL routines::certificate verify failed]"),
            FlowError,
            "incident.flow_database.untrusted",
        ),
        (OdbcError("IM002", "[IM002] Data source name not found (0)"), FlowError, "incident.flow_database.odbc"),
        (odbc("42S02", 208), FlowError, "incident.destination.forbidden"),
        (odbc("HY000", 3271), FlowError, "incident.destination.forbidden"),
        (oracle(1017), FlowError, "incident.flow_database.credentials"),
        (oracle(28000), FlowError, "incident.flow_database.credentials"),
        (oracle(12514), FlowError, "incident.flow_database.absent"),
        (oracle("DPY-6001"), FlowError, "incident.flow_database.absent"),
        (oracle(1031), FlowError, "incident.flow_database.right"),
        (oracle(60), TransientError, "incident.destination.unreachable"),
        (oracle(1034), TransientError, "incident.destination.unreachable"),
        (oracle("DPY-6005"), TransientError, "incident.destination.unreachable"),
        (oracle("DPY-6005", cause=UNTRUSTED), FlowError, "incident.flow_database.untrusted"),
        (oracle("DPY-6005", cause=UNKNOWN), FlowError, "incident.flow_database.host"),
        (oracle("DPY-3015"), FlowError, "incident.destination.forbidden"),
        (oracle(1653), TransientError, "incident.folder.full"),
        (oracle(942), FlowError, "incident.destination.forbidden"),
    ],
)
def test_each_number_has_its_consequence_and_no_text_of_the_server_is_kept(error, kind, code):
    named = name_problem(OperationalError("INSERT 'Mme Untel'", {}, error))
    assert (type(named), named.code) == (kind, code)
    assert "Untel" not in str(named) + repr(named.details)


@pytest.mark.parametrize(
    ("error", "state"), [(mysql(1146), "MY-1146"), (odbc("HY000", 3271), "MS-3271"), (oracle(942), "ORA-00942")]
)
def test_a_number_that_is_not_known_is_shown_so_that_it_can_be_looked_up(error, state):
    assert find_server_state(error) == state


@pytest.mark.parametrize(
    "error",
    [mysql(1062), mysql(1406), mysql(1264), odbc("23000", 2627), odbc("22001", 2628), oracle(1), oracle(12899)],
)
def test_what_the_record_is_to_blame_for_is_held_against_it_alone(error):
    assert is_of_the_record(IntegrityError("x", {}, error))


@pytest.mark.parametrize("error", [None, ValueError("1045"), mysql(0), OracleError(), OdbcError()])
def test_what_says_nothing_has_no_state(error):
    assert find_server_state(error) == ""
