"""A strict reader of Prometheus' text format (0.0.4), written from its description: what is not in it is refused.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)\Z|NaN\Z")
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}


@dataclass
class FamilySeen:
    """All samples of one name."""

    says: str
    kind: str = ""
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)

    def get(self, **labels: str) -> float:
        """Return the figure of exactly these labels."""
        return self.samples[tuple(sorted(labels.items()))]


def read_exposition(text: str) -> dict[str, FamilySeen]:
    """Return the families of a document by name. Raises AssertionError for whatever a strict reader refuses."""
    assert text.endswith("\n"), "the last line ends with a line feed"
    assert "\r" not in text
    found: dict[str, FamilySeen] = {}
    current = ""
    for line in text[:-1].split("\n"):
        assert line == line.strip(), line
        if line.startswith("# HELP "):
            current, _space, says = line[7:].partition(" ")
            assert _NAME.match(current), line
            assert current not in found, "the lines of a name stand together"
            assert says
            found[current] = FamilySeen(says)
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert name == current
            assert not found[name].kind
            assert not found[name].samples, "the type comes before the first sample"
            assert kind in {"counter", "gauge"}
            assert (kind == "counter") == name.endswith("_total"), "counters are named so, and only they"
            found[name].kind = kind
        else:
            name, labels, figure = _read_sample(line)
            assert name == current
            assert found[name].kind
            key = tuple(sorted(labels.items()))
            assert len(key) == len(labels)
            assert key not in found[name].samples, "each sample once"
            assert found[name].kind == "gauge" or figure >= 0
            found[name].samples[key] = figure
    assert all(family.samples for family in found.values())
    return found


def _read_sample(line: str) -> tuple[str, dict[str, str], float]:
    name, brace, rest = line.partition("{")
    assert brace, "every sample here has labels"
    assert _NAME.match(name), line
    labels: dict[str, str] = {}
    while not rest.startswith("}"):
        label, equals, rest = rest.partition('="')
        assert equals, line
        assert _LABEL.match(label), line
        assert not label.startswith("__"), "these are Prometheus' own"
        assert label not in labels
        labels[label], rest = _read_text(rest)
        rest = rest.removeprefix(",")
    figure = rest[1:]
    assert figure.startswith(" "), line
    assert _NUMBER.match(figure[1:]), line
    return name, labels, float(figure[1:])


def _read_text(rest: str) -> tuple[str, str]:
    """Return a label's text, and what stands behind its closing quote."""
    text, position = "", 0
    while rest[position] != '"':
        if rest[position] == "\\":
            position += 1
            assert rest[position] in _ESCAPES, "no other escape is known"
            text += _ESCAPES[rest[position]]
        else:
            text += rest[position]
        position += 1
    return text, rest[position + 1 :]
