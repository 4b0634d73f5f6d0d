"""What a document says it is: one of another kind, and an API's error with status 200, are not read as no records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from passerelle.stages.decode.strict import to_cell
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.language import _
from passerelle.vocabulary.outcomes import RowWarning
from passerelle.vocabulary.place import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_ERRORS = ("error", "errors", "erreur", "erreurs", "exception", "fault")
"""Members under which APIs say that there is no answer."""
_BESIDE_ERRORS = frozenset(
    (*_ERRORS, "code", "status", "statusCode", "message", "detail", "details", "title", "type", "path", "timestamp")
)
"""What may stand beside them in a document that is an error and no record (RFC 9457 and its older kin)."""
_NO_ERROR: tuple[Any, ...] = (None, "", [], {}, False, "false", "0")


def check_kind(get_value: Callable[[list[str]], Any], kind: Mapping[str, str | tuple[str, ...]]) -> None:
    """Raise ParcelError unless each word that says what a document is, is one that the connector reads."""
    for path, words in kind.items():
        value = get_value(path.split("."))
        require_kind(path, words, [] if value is None else [to_cell(value)])


def require_kind(path: str, words: str | tuple[str, ...], found: Iterable[str]) -> None:
    """Raise ParcelError `decode.document.other_kind` unless one of the words found is wanted.

    What is found is not reported: it may be anything.
    """
    words = (words,) if isinstance(words, str) else words
    refused = {word[1:] for word in words if word.startswith("!")}
    wanted = {word for word in words if not word.startswith("!")}
    there = set(found)
    if (wanted and wanted.isdisjoint(there)) or not refused.isdisjoint(there):
        raise ParcelError("decode.document.other_kind", where=path, expected=" / ".join(words))


class AnswerDocument(Protocol):
    """A document, as far as it has to be looked at."""

    def get_value(self, path: list[str]) -> Any:
        """Return the value at a path; None when there is none."""
        ...

    def is_null(self, path: list[str]) -> bool:
        """Whether null stands at a path."""
        ...

    def list_keys(self) -> frozenset[str] | None:
        """Return the members of the document; None when it is no object, or too long to be an error."""
        ...


def check_answer(
    document: AnswerDocument, paths: Mapping[str, str], empty: Iterable[str], records: int
) -> list[RowWarning]:
    """Return a warning for each declared list that is null. `empty` are the paths at which no record was found.

    Raises ParcelError when no list has a record and the document says why: an error, or null where a list belongs.
    A list that is there and empty is an answer; null is none.
    """
    keys = document.list_keys() if "" in paths else None
    if not records or (keys is not None and keys <= _BESIDE_ERRORS):
        where = next((name for name in _ERRORS if document.get_value([name]) not in _NO_ERROR), "")
        if where:
            raise ParcelError("decode.document.error", where=where)
    nulls = [path for path in empty if path and document.is_null(path.split("."))]
    if nulls and not records:
        raise ParcelError("decode.document.null_list", where=", ".join(nulls))
    return [
        RowWarning("decode.document.null_list", Place(1, member=paths[path], column=path), {"where": path})
        for path in nulls
    ]


def describe_flaw(flaw: str) -> str:
    """Return what a lenient reader would take and the format does not know, in words."""
    words = {
        "control": _("a control character"),
        "bytes": _("bytes that are no UTF-8"),
        "encoding": _("bytes of another encoding than it says"),
        "markup": _("an «&» or a «<» that is not written as XML asks (&amp; &lt;)"),
    }
    return words.get(flaw, flaw)
