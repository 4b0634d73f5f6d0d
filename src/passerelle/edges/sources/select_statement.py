"""Whether a text is one SELECT statement and nothing else, and the same statement from a place on.

What an account may do is for the database to say: this only keeps a slip of the pen from being sent.
"""

from __future__ import annotations

import re

from passerelle.vocabulary.errors import FlowError

_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?\*/ )
  | (?P<text> '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]\n]*\] | (?P<dollar>\$\w*\$).*?(?P=dollar) )
  | (?P<word> [^\W\d]\w* )
  | (?P<end> ; )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENERS = frozenset({"select", "with"})
_CHANGING = frozenset(
    {"insert", "update", "delete", "merge", "into", "drop", "alter", "create", "truncate", "grant", "revoke"}
)
"""Words that stand in no statement that only reads; `FOR UPDATE` holds rows that others need."""


def check_select(statement: str) -> str:
    """Return a statement without the semicolon at its end. Raises FlowError when it is not one SELECT."""
    tokens = [found for found in _TOKEN.finditer(statement) if not _is_blank(found)]
    while tokens and tokens[-1].lastgroup == "end":
        tokens.pop()
    if not tokens or tokens[0].group().lower() not in _OPENERS or _holds_more(tokens):
        raise FlowError("incident.query.not_one_select")
    return statement[: tokens[-1].end()]


def select_from(statement: str, column: str, mark: str, *, goes_on: bool) -> str:
    """Return a statement whose rows come in the order of a column, from a value on when it goes on from one.

    `column` is quoted already, `mark` stands for the value. Rows without a value in it come each time: nothing says
    that they were had before.
    """
    where = f" WHERE ({column} >= {mark} OR {column} IS NULL)" if goes_on else ""
    # a line of its own: the statement may end with a comment
    return f"SELECT * FROM (\n{statement}\n) passerelle_rows{where} ORDER BY {column}"  # noqa: S608  the settings' own


def _is_blank(found: re.Match[str]) -> bool:
    is_comment = found.lastgroup == "comment" and not found.group().startswith("/*!")  # MySQL runs these
    return is_comment or found.group().isspace()


def _holds_more(tokens: list[re.Match[str]]) -> bool:
    """Whether there is a second statement, or a word that changes something: no column `t.update`, no `insert(…)`."""
    for place, found in enumerate(tokens):
        text = found.group()
        if found.lastgroup in ("end", "comment") or text in ("'", '"', "`"):
            return True
        if found.lastgroup == "word" and text.lower() in _CHANGING:
            is_column = place > 0 and tokens[place - 1].group() == "."
            is_function = place + 1 < len(tokens) and tokens[place + 1].group() == "("
            if not is_column and not is_function:
                return True
    return False
