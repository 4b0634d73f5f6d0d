"""Where keys stand in a TOML text."""

from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.vocabulary.toml_lines import find_key_lines

TEXT = '''\
# a comment with [brackets] = and "quotes"
[passerelle]
state = "a # b"
plugins = [
  "a", # one
  "b", ["c"],
]
day = 2024-01-01 10:00:00

[flow.visites]
source = { kind = "folder", inner.path = """
looks = "like a key"
""" }
destination.kind = 'api'

[flow."with a.dot"]
number = -1.5e3
'''


def test_each_key_has_the_line_where_it_stands_however_it_is_written():
    lines = find_key_lines(TEXT)
    assert lines["passerelle",] == 2
    assert lines["passerelle", "plugins"] == 4
    assert lines["passerelle", "day"] == 8
    assert lines["flow", "visites", "source", "inner", "path"] == 11
    assert lines["flow", "visites", "destination", "kind"] == 14
    assert lines["flow", "with a.dot", "number"] == 17


def test_what_only_looks_like_a_key_is_not_one():
    keys = {path[-1] for path in find_key_lines(TEXT)}
    assert "looks" not in keys
    assert "a comment with" not in keys


def _paths(table, above=()):
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _paths(value, (*above, key))


KEYS = st.text("abcdef-_1", min_size=1, max_size=6)
VALUES = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.booleans().map(lambda flag: str(flag).lower()),
    st.text("ab =[]{}#,.'", max_size=12).map(lambda text: f'"{text}"'),
    st.lists(st.integers(), max_size=3).map(lambda items: "[\n" + ", # c ]\n".join(map(str, items)) + "\n]"),
)


@settings(max_examples=count_examples(60), deadline=None)
@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=4))
def test_the_keys_found_are_exactly_those_that_tomllib_reads(tables):
    text = "".join(
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in pairs.items()) for name, pairs in tables.items()
    )
    lines = find_key_lines(text)
    assert set(lines) == set(_paths(tomllib.loads(text)))
    for path, line in lines.items():
        assert path[-1] in text.splitlines()[line - 1]
