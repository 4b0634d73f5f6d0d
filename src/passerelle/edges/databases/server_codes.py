"""What MySQL, MariaDB, SQL Server and Oracle say by numbers of their own, as the SQLSTATE that says the same.

Numbers alone are read, with one exception: of what SQL Server's driver hands on as a text, the number of the server and
two marks of TLS, which are never translated.
"""

from __future__ import annotations

import re
import socket
import ssl
from types import MappingProxyType
from typing import TYPE_CHECKING

from passerelle.edges.databases.refused_connections import NO_TLS, UNKNOWN_HOST, UNTRUSTED, is_no_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECTION = "08006"
_CREDENTIALS, _ABSENT, _RIGHT, _FULL, _CANCELLED = "28000", "3D000", "42501", "53100", "57014"


def _list_codes(table: Mapping[str, tuple[int, ...]]) -> Mapping[int, str]:
    return MappingProxyType({number: state for state, numbers in table.items() for number in numbers})


_MYSQL = _list_codes(
    {
        _CREDENTIALS: (1045, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 3118, 4151),
        _ABSENT: (1049,),
        _RIGHT: (1044, 1142, 1143, 1227, 1370, 1419),
        _FULL: (1021, 1114),
        _CANCELLED: (1317, 1969, 3024),
        "53300": (1040, 1041, 1203, 1226),
        "40001": (1205, 1213, 3572),
        "57P01": (1053, 1077, 1079, 1927),
        "23000": (1022, 1048, 1062, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 1586, 1761, 1762, 3819, 4025),
        "22001": (1406, 1153, 1301, 3140),
        "22003": (1264, 1690, 1365),
        "22007": (1292, 1366, 1411, 1525),
        "25006": (1290, 1792, 1836),
        NO_TLS: (2026,),
    }
)
_SQL_SERVER = _list_codes(
    {
        _CREDENTIALS: (18452, 18456, 18486, 18487, 18488),
        _ABSENT: (911, 4060),
        _RIGHT: (229, 230, 262, 297, 300, 916, 1088, 2760, 3704, 15247),
        _FULL: (1105, 9002),
        "40001": (1205, 1222, 3960),
        "53300": (701, 10928, 10929, 17809, 40501, 40613),
        "23000": (515, 547, 2601, 2627),
        "22001": (2628, 8152),
        "22003": (220, 232, 8115),
        "22007": (241, 242),
    }
)
_ORACLE = _list_codes(
    {
        _CREDENTIALS: (1005, 1017, 28000, 28001, 28002),
        _ABSENT: (12505, 12514),
        _RIGHT: (1031, 1045, 1950),
        _FULL: (1536, 1628, 1631, 1652, 1653, 1654, 1688),
        _CANCELLED: (1013, 3136),
        "53300": (18, 20, 12516, 12518, 12519, 12520),
        "40001": (60, 8177, 54, 30006),
        "57P03": (1033, 1034, 1089, 1109, 12526, 12528),
        _CONNECTION: (28, 1012, 2396, 3113, 3114, 3135, 12170, 12537, 12541, 12543, 12545, 12547),
        "23000": (1, 1400, 1407, 2290, 2291, 2292),
        "22001": (910, 1401, 1461, 12899),
        "22003": (1426, 1438, 1455),
        "22007": (1830, 1841, 1843, 1847, 1858, 1861),
        "25006": (1456, 16000),
    }
)
_ORACLE_DRIVER: Mapping[str, str] = MappingProxyType({"DPY-4024": _CANCELLED, "DPY-6001": _ABSENT, "DPY-6003": _ABSENT})
"""What the driver of Oracle says by itself."""
_ORACLE_AWAY = ("DPY-4", "DPY-6")
"""How its codes begin that mean, all others included, that there is no connection."""
_NUMBER = re.compile(r"\((-?\d+)\)")
_STATE = re.compile(r"[0-9A-Z]{5}\Z")


def find_server_state(problem: BaseException | None) -> str:
    """Return the SQLSTATE of an error of one of these drivers; empty for any other driver, and where none is meant.

    A number that this table does not know comes back as it is, `MY-1146`: it can be looked up.
    """
    module = type(problem).__module__.partition(".")[0]
    find = {"pymysql": _find_mysql, "pyodbc": _find_sql_server, "oracledb": _find_oracle}.get(module)
    return find(problem) if find and problem is not None else ""


def _find_mysql(problem: BaseException) -> str:
    cause = getattr(problem, "original_exception", None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return UNTRUSTED
    if isinstance(cause, socket.gaierror):
        return UNKNOWN_HOST if is_no_name(cause) else _CONNECTION
    number = problem.args[0] if problem.args else None
    if not isinstance(number, int) or not number:
        return ""
    if number in _MYSQL:
        return _MYSQL[number]
    return _CONNECTION if 2000 <= number < 3000 else f"MY-{number}"


def _find_sql_server(problem: BaseException) -> str:
    state, text = (*map(str, problem.args[:2]), "", "")[:2]
    numbers = [int(found) for found in _NUMBER.findall(text)]
    known = next((_SQL_SERVER[number] for number in numbers if number in _SQL_SERVER), "")
    if known:
        return known
    if "certificate verify failed" in text:
        return UNTRUSTED
    if "does not support encryption" in text:
        return NO_TLS
    if state in ("HYT00", "HYT01"):
        return _CANCELLED
    if not _STATE.match(state) or state == "HY000":
        return f"MS-{abs(numbers[0])}" if numbers else ""
    return state


def _find_oracle(problem: BaseException) -> str:
    error = problem.args[0] if problem.args else None
    full, number = str(getattr(error, "full_code", "")), getattr(error, "code", 0)
    if full.startswith("DPY-"):
        away = _CONNECTION if full.startswith(_ORACLE_AWAY) else full
        return _find_refused_oracle(problem) or _ORACLE_DRIVER.get(full, away)
    if not isinstance(number, int) or not number:
        return ""
    return _ORACLE.get(number, f"ORA-{number:05}")


def _find_refused_oracle(problem: BaseException) -> str:
    cause = problem.__cause__
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return UNTRUSTED
        if isinstance(cause, socket.gaierror) and is_no_name(cause):
            return UNKNOWN_HOST
        cause = cause.__cause__ or cause.__context__
    return ""
