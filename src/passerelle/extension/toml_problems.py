"""Turn errors in a TOML file of ours into problems that a person can put right: line, key, nearest name, no value."""

from __future__ import annotations

import re
from types import MappingProxyType, NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from passerelle.contracts.field_meta import Purpose
from passerelle.vocabulary.errors import SettingsError
from passerelle.vocabulary.language import N_, _
from passerelle.vocabulary.suggestions import find_nearest, join_names
from passerelle.vocabulary.toml_lines import find_key_lines

if TYPE_CHECKING:
    import tomllib
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

Location = tuple[str, ...]

PURPOSES: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.SUPPORT: N_("the work with the person"),
        Purpose.PLANNING: N_("who goes where and when"),
        Purpose.BILLING: N_("invoices and payment"),
        Purpose.EFFECTIVITY: N_("the payer checks that the help was given"),
        Purpose.RIGHTS: N_("access to rights and benefits"),
        Purpose.PAY: N_("pay of professionals"),
        Purpose.STEERING: N_("activity figures for those who direct it, without names"),
        Purpose.STATISTICS: N_("figures for the public or an authority, without names"),
        Purpose.PORTABILITY: N_("the organisation takes its own data along: everything goes"),
    },
)
"""What each purpose is for, in the words shown to operators."""

_PLAIN: Mapping[str, str] = MappingProxyType(
    {
        "missing": "settings.key.missing",
        "union_tag_not_found": "settings.key.missing",
        "secret_literal": "settings.secret.literal",
        "secret_misplaced": "settings.secret.misplaced",
        "credentials_incomplete": "settings.credentials.incomplete",
        "organisation_missing": "settings.organisation.missing",
        "zone_unknown": "settings.zone.unknown",
        "file_name_missing": "settings.file_name.missing",
        "file_name_ending": "settings.file_name.ending",
        "shelf_twice": "settings.shelf.twice",
        "doubt_unknown": "settings.doubt.unknown",
        "doubt_not_strict": "settings.doubt.not_strict",
        "doubt_invalid": "settings.doubt.invalid",
    },
)
"""Kinds of pydantic error that are one code of ours each."""
_SHOWN = ("scheme", "needed", "doubt", "nearest")
"""Details of theirs that may be shown: our own words, or a code that stands in the file as a key."""

_EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "string_type": N_("a text in quotes"),
        "string_too_short": N_("a text that is not empty"),
        "string_pattern_mismatch": N_("lower-case letters, digits and underscores, a letter first"),
        "organisation_name": N_("1 to 40 lower-case letters, digits and hyphens"),
        "int_type": N_("a whole number"),
        "float_type": N_("a number"),
        "float_parsing": N_("a number"),
        "bool_type": N_("true or false, without quotes"),
        "path_type": N_("a path in quotes"),
        "tuple_type": N_("a list between square brackets"),
        "too_short": N_("a list that is not empty"),
        "day": N_("a day such as 2026-01-31"),
        "country": N_("two letters of a country, such as «FR»"),
        "pattern_invalid": N_("a pattern (regular expression)"),
        "places_reversed": N_("two numbers, the first and the last character of a column"),
        "condition_unclear": N_("one of equals, other_than, begins and filled, and only one"),
        "order_unclear": N_("either column or file_name = true"),
        "name_date": N_("a date made of %Y, %m and %d, each once, and %H, %M, %S where there is a time"),
        "host_key": N_("«SHA256:…», a public key such as «ssh-ed25519 AAAA…», or a line of known_hosts"),
        "depot_address": N_('a folder; an object store is a table of its own: [passerelle.depot] with kind = "s3"'),
        "bucket": N_("the name of a bucket: 3 to 63 small letters, digits, dots and hyphens"),
        "mail_sender": N_("addresses such as «export@editeur.fr», or domains with their «@» such as «@editeur.fr»"),
        "mail_done": N_("another folder than the one that is looked at"),
        "remote_path": N_("a path of the other machine that holds no «..»"),
        "file_name": N_("the plain name of a file, with {{date}} and {{contract}} if need be: «visites-{{date}}.csv»"),
        "file_name_in_move": N_("a destination without file_name: what a move wrote is found again by its parcels"),
        "shelf_in_move": N_("a destination other than a shelf: what changes supplier goes to the new one"),
        "duration": N_("a duration such as «30m», «12h», «1d» or «1w», in quotes"),
        "api_address": N_("an address of this machine with a port, such as «127.0.0.1:8486»"),
        "api_open": N_("an address of this machine alone, or «public_url»: a server that speaks TLS stands in front"),
        "ways_without_accounts": N_('sign_in = "accounts", where there are passkeys or a provider of identities'),
        "passkey_domain": N_("the name of «public_url», or the end of it after a dot"),
        "url_unsafe": N_("an https:// address (http:// only for this machine), without name, password or «?»"),
    },
)
_OTHER = N_("another kind of value; see the page on settings")
_BOUNDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "greater_than_equal": (N_("a number of at least {bound}"), "ge"),
        "greater_than": (N_("a number above {bound}"), "gt"),
        "less_than_equal": (N_("a number of at most {bound}"), "le"),
    },
)


def list_purposes() -> str:
    """List the lines that state a purpose, one a line, each with what it is for."""
    return "".join(f'\n    purpose = "{purpose}"  # {_(words)}' for purpose, words in PURPOSES.items())


def make_syntax_error(error: tomllib.TOMLDecodeError, text: str, file: str) -> SettingsError:
    """Return on which line the text stops being TOML, without the parser's words, which quote it."""
    place = re.search(r"line (\d+)", str(error))
    line = place.group(1) if place else str(text.count("\n") + 1)
    problem = SettingsError("settings.file.syntax", file=file, line=line, key="")
    return SettingsError("settings.file.invalid", problems=(problem,), file=file)


def list_keys(model: type[BaseModel]) -> str:
    """List the keys of a table (a flow's name is its table's, not a key: it is excluded)."""
    return join_names((name for name, field in model.model_fields.items() if not field.exclude), most=40)


class Collector:
    """Collects every problem of one file."""

    def __init__(self, root: type[BaseModel], text: str, file: str) -> None:
        self._root = root
        self._file = file
        self._places = find_key_lines(text)
        self._problems: list[SettingsError] = []

    def __bool__(self) -> bool:
        return bool(self._problems)

    def add(self, code: str, location: Location, **facts: str) -> None:
        """Note one problem at a key."""
        key = ".".join(location)
        # The key's own line, or that of the innermost table that would hold it: a missing key has none.
        prefixes = (location[:depth] for depth in range(len(location), 0, -1))
        line = str(next((self._places[prefix] for prefix in prefixes if prefix in self._places), 1))
        self._problems.append(SettingsError(code, file=self._file, line=line, key=key, **facts))  # type: ignore[arg-type]  # never «problems»

    def add_all(self, error: ValidationError) -> None:
        """Note what pydantic found, in our words."""
        for detail in error.errors(include_url=False):
            raw = tuple(str(part) for part in detail["loc"] if isinstance(part, str))
            model, location = _follow(self._root, raw)
            code, facts = _classify(detail, model, location)
            if detail["type"] in ("union_tag_not_found", "union_tag_invalid"):
                location = (*location, "kind")
            self.add(code, location, **facts)

    def to_error(self) -> SettingsError:
        """Return one error that holds them all, in the order of the file."""
        ordered = sorted(self._problems, key=lambda problem: int(problem.details["line"]))
        return SettingsError("settings.file.invalid", problems=ordered, file=self._file)


def _classify(detail: ErrorDetails, model: type[BaseModel], location: Location) -> tuple[str, dict[str, str]]:
    kind, key = detail["type"], location[-1] if location else ""
    if key == "purpose" and kind in ("missing", "enum"):
        code = "settings.purpose.missing" if kind == "missing" else "settings.purpose.unknown"
        return code, {"purposes": list_purposes()}
    if plain := _PLAIN.get(kind):
        return plain, {name: str(fact) for name, fact in detail.get("ctx", {}).items() if name in _SHOWN}
    if kind == "extra_forbidden":
        if near := find_nearest(key, model.model_fields):
            return "settings.key.misspelt", {"nearest": near}
        return "settings.key.unknown", {"known": list_keys(model)}
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        context = detail.get("ctx", {})
        known = re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags", ""))))
        word = str(context.get("tag", detail["input"]))
        return "settings.value.misspelt", {"known": join_names(known), "nearest": find_nearest(word, known) or "–"}
    sentence, bound = _BOUNDS.get(kind, (_EXPECTED.get(kind, _OTHER), ""))
    return "settings.value.invalid", {"expected": _(sentence).format(bound=detail["ctx"][bound] if bound else "")}


def _follow(root: type[BaseModel], raw: Location) -> tuple[type[BaseModel], Location]:
    """Walk pydantic's path down to the innermost model; drop from it what is not a key of the file (union tags)."""
    kind: Any = root
    model, keys = root, []
    for part in raw:
        kind = _strip_kind(kind)
        # pydantic puts the tag of a union into its path; the file has no such key.
        if get_origin(kind) in (Union, UnionType):
            models = (one for one in get_args(kind) if isinstance(one, type) and issubclass(one, BaseModel))
            kind = next((choice for choice in models if part in _list_tags(choice)), None)
            model = kind or model
            continue
        keys.append(part)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
            kind = kind.model_fields[part].annotation if part in kind.model_fields else None
        else:
            kind = get_args(kind)[-1] if get_origin(kind) is dict else None
    inner = _strip_kind(kind)
    if raw and isinstance(inner, type) and issubclass(inner, BaseModel):
        model = inner
    return model, tuple(keys)


def _strip_kind(kind: Any) -> Any:
    while True:
        choices = [choice for choice in get_args(kind) if choice is not NoneType]
        # what may be left out is no union: pydantic puts no tag of it into its path
        is_optional = get_origin(kind) in (Union, UnionType) and len(choices) == 1
        if not is_optional and get_origin(kind) not in (Annotated, tuple):
            return kind
        kind = choices[0]


def _list_tags(model: type[BaseModel]) -> tuple[Any, ...]:
    annotation: Any = model.model_fields["kind"].annotation if "kind" in model.model_fields else None
    return get_args(annotation) if get_origin(annotation) is Literal else ()
