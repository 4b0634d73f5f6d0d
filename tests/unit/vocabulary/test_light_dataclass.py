"""Classes whose methods come later are those of the standard library: compared with its own, class by class."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from dataclasses import KW_ONLY, field
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.vocabulary import light_dataclass

OPTIONS = [
    {},
    {"slots": True},
    {"frozen": True},
    {"frozen": True, "slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
    {"slots": True, "kw_only": True},
    {"frozen": True, "order": True},
    {"eq": False},
]


WRITTEN = 50
"""So many objects, and `__init__` is that of the standard library."""


def make_pair(options: dict[str, bool], *, made: int = 0, counted: bool = True) -> tuple[Any, Any]:
    """The same class twice: with our decorator, and with that of the standard library; so many objects were made."""

    def write() -> type:
        class Sample:
            kind: ClassVar[str] = "sample"
            one: int
            two: str = "b"
            hidden: int = field(default=3, repr=False, compare=False)
            many: tuple[int, ...] = field(default_factory=tuple)
            made: int = field(init=not counted, default=0)
            _: KW_ONLY
            last: bool = False

            def __post_init__(self) -> None:
                object.__setattr__(self, "made", self.one + 1)

        return Sample

    pair = light_dataclass.dataclass(**options)(write()), dataclasses.dataclass(**options)(write())
    for cls in pair:
        for nth in range(made):
            assert cls(one=nth).made == nth + 1
    return pair


def attempt(act: Any) -> object:
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


Light, Usual = make_pair({"frozen": True, "slots": True})
Light.__qualname__ = "Light"


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("made", [0, WRITTEN])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@given(ones=st.tuples(*[st.integers(-1, 1)] * 2), hidden=st.integers(0, 1), word=st.sampled_from(["a", "b"]))
def test_objects_are_made_shown_compared_and_counted_as_usual(options, made, counted, ones, hidden, word):
    one, other = ones
    said = []
    for cls in make_pair(options, made=made, counted=counted):
        first = cls(one=one, two=word)
        second = cls(one=other, two="b", hidden=hidden, many=(1,), last=True)
        again = dataclasses.replace(first, one=other)
        said.append(
            (
                repr(first),
                repr(second),
                first == second,
                first == again,
                first == 1,
                attempt(lambda first=first, second=second: first < second),
                options == {"eq": False} or attempt(lambda first=first: hash(first)),
                dataclasses.asdict(second),
                [(one.name, one.kw_only, one.init) for one in dataclasses.fields(cls)],
                cls.__match_args__,
                first.made,
            )
        )
    assert said[0] == said[1]


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("made", [0, WRITTEN])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    "act",
    [
        lambda cls: cls(),
        lambda cls: cls(1, 2, 3, 4, 5).many,
        lambda cls: cls(1, 2, 3, 4, 5, 6),
        lambda cls: cls(1, one=2),
        lambda cls: cls(one=1, stranger=1),
        lambda cls: setattr(cls(one=1), "one", 2),
        lambda cls: delattr(cls(one=1), "two"),
        lambda cls: vars(cls(one=1)),
        lambda cls: copy.copy(cls(one=1)).one,
        lambda cls: cls(one=1).kind,
    ],
)
def test_what_is_refused_is_refused_in_the_same_words(options, act, made, counted):
    light, usual = make_pair(options, made=made, counted=counted)
    assert attempt(lambda: act(light)) == attempt(lambda: act(usual))


@pytest.mark.parametrize("options", [{"frozen": True}, {"frozen": True, "slots": True}], ids=str)
def test_a_frozen_object_takes_no_other_attribute(options):
    # the standard library of Python 3.11 fails by accident here, with a TypeError, where there are slots
    light, _usual = make_pair(options)
    with pytest.raises(dataclasses.FrozenInstanceError, match="stranger"):
        light(one=1).stranger = 2


def test_a_frozen_object_with_slots_is_pickled():
    sent = pickle.dumps(Light(one=4, many=(1, 2)))
    assert pickle.loads(sent) == Light(one=4, many=(1, 2))  # noqa: S301  made one line above


@pytest.mark.parametrize("inherit", [light_dataclass.dataclass, dataclasses.dataclass])
def test_a_class_may_inherit_from_one(inherit):
    light, _usual = make_pair({"frozen": True})

    @inherit(frozen=True)
    class Heir(light):
        more: int = 7

    assert Heir(one=1, more=8).made == 2
    assert repr(Heir(one=1)).endswith("more=7)")
    with pytest.raises(TypeError, match="cannot inherit non-frozen dataclass from a frozen one"):
        inherit(type("Other", (light,), {}))


def test_methods_of_its_own_are_kept():
    @light_dataclass.dataclass
    class Shy:
        value: int

        def __repr__(self) -> str:
            return "Shy"

    assert repr(Shy(1)) == "Shy"
    assert Shy(1) == Shy(1)


def test_nothing_is_compiled_for_a_class_that_is_never_or_seldom_made():
    code = (
        "import builtins, sys\n"
        "from passerelle.vocabulary.light_dataclass import dataclass\n"
        "compiled = []\n"
        "usual = builtins.exec\n"
        "builtins.exec = lambda *given: (compiled.append(given), usual(*given))[1]\n"
        "@dataclass(frozen=True, slots=True)\n"
        "class Sample:\n"
        "    'One.'\n"
        "    one: int\n"
        "Sample(1)\n"
        "before = len(compiled)\n"
        f"for nth in range({WRITTEN}): Sample(nth)\n"
        "print(before, len(compiled) > before)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # from Python 3.13 on, the standard library compiles all methods of a class at once, and there is nothing to save
    assert ended.stdout.split() == ["0" if sys.version_info < (3, 13) else "1", "True"]
