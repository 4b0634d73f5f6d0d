"""`dataclass` as the standard library has it, whose methods are written when they are first called.

Before Python 3.13 the standard library compiles six methods for each class when its module is imported: of the 300
classes that a run imports, a third is ever made, and most of these a few times. What is written later comes from the
standard library all the same; the first objects are filled without it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    # for type checkers, which know that one by its name
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """Make a class a dataclass; the options are those of the standard library."""
        return _make(cls, options) if cls is not None else lambda decorated: _make(decorated, options)


_PLAIN_OPTIONS = frozenset({"frozen", "slots", "kw_only"})
_WRITTEN = frozenset({"__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__"})
"""What is written for a class; one that has any of these by itself is left to the standard library."""
_FIRST_OBJECTS = 40
"""Objects that are filled before `__init__` is written: writing it takes as long as filling a hundred."""
_DESCRIBED = ("init", "repr", "hash", "compare", "metadata", "kw_only")
"""What `dataclasses.field` takes besides a default."""


def _make(cls: type, options: dict[str, bool]) -> type:
    # Rare forms are not worth a rule of ours: options that few use, and fields that come from another class.
    inherits = any(dataclasses.is_dataclass(base) for base in cls.__mro__[1:])
    if not options.keys() <= _PLAIN_OPTIONS or inherits or not _WRITTEN.isdisjoint(vars(cls)):
        return dataclasses.dataclass(**options)(cls)
    shape = {name: value for name, value in options.items() if name != "frozen"}
    # without a text of its own the standard library would compute the signature of each class
    cls.__doc__ = cls.__doc__ or cls.__name__
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, **shape)(cls)
    frozen = options.get("frozen", False)
    # a class that inherits from this one is judged by these
    params = made.__dataclass_params__  # type: ignore[attr-defined]  # every dataclass has them
    params.init = params.repr = params.eq = True
    params.frozen = frozen
    _add_init(made, frozen=frozen)
    _add_later(made, "__repr__", frozen=frozen, repr=True)
    _add_later(made, "__eq__", frozen=frozen, eq=True)
    if frozen:
        _add_later(made, "__hash__", frozen=frozen, eq=True)
        _freeze(made)
    else:
        made.__hash__ = None  # type: ignore[assignment]  # how Python says that a class has none
    return made


def _add_init(cls: type, *, frozen: bool) -> None:
    """Add an `__init__` that fills the first objects by itself, and then is written."""
    fields = dataclasses.fields(cls)
    _add_later(cls, "__init__", frozen=frozen, init=True)
    if not all(one.init for one in fields):
        return
    write_and_call: Any = vars(cls)["__init__"]
    positional = tuple(one.name for one in fields if not one.kw_only)
    names = frozenset(one.name for one in fields)
    defaults = tuple((one.name, one.default, one.default_factory) for one in fields)
    put = object.__setattr__ if frozen else setattr
    left = _FIRST_OBJECTS

    def fill(self: Any, /, *arguments: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        values = dict(zip(positional, arguments, strict=False))
        usual = len(arguments) <= len(positional) and named.keys() <= names and values.keys().isdisjoint(named)
        values |= named
        for name, default, make in defaults:
            if name not in values and default is not dataclasses.MISSING:
                values[name] = default
            elif name not in values and make is not dataclasses.MISSING:
                values[name] = make()
        # what is wrong is refused in the words of the standard library
        if left < 0 or not usual or len(values) < len(defaults):
            write_and_call(self, *arguments, **named)
            return
        for name, value in values.items():
            put(self, name, value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()

    fill.__name__, fill.__qualname__ = write_and_call.__name__, write_and_call.__qualname__
    cls.__init__ = fill  # type: ignore[misc]  # as the standard library does


def _add_later(cls: type, name: str, *, frozen: bool, **wanted: bool) -> None:
    """Add a method that, when it is called, first puts the one of the standard library in its place."""

    def write_and_call(self: Any, /, *arguments: Any, **named: Any) -> Any:
        method = getattr(_make_twin(cls, frozen=frozen, **wanted), name)
        method.__qualname__ = write_and_call.__qualname__
        setattr(cls, name, method)
        return method(self, *arguments, **named)

    write_and_call.__name__, write_and_call.__qualname__ = name, f"{cls.__qualname__}.{name}"
    setattr(cls, name, write_and_call)


def _make_twin(cls: type, **wanted: bool) -> type:
    """Make a class with the same fields that has these methods from the standard library, and no others."""
    described = [(one.name, one.type, _describe(one)) for one in dataclasses.fields(cls)]
    after = {"__post_init__": cls.__post_init__} if hasattr(cls, "__post_init__") else {}
    namespace = {"__doc__": cls.__name__, "__module__": cls.__module__, **after}
    options = {"init": False, "repr": False, "eq": False, **wanted}
    return dataclasses.make_dataclass(cls.__name__, described, namespace=namespace, **options)  # type: ignore[arg-type]  # options by name


def _describe(one: dataclasses.Field[Any]) -> Any:
    said: dict[str, Any] = {name: getattr(one, name) for name in _DESCRIBED}
    for name in ("default", "default_factory"):
        if getattr(one, name) is not dataclasses.MISSING:
            said[name] = getattr(one, name)
    return dataclasses.field(**said)


def _freeze(cls: type) -> None:
    """Add what keeps a frozen object as it is, and what lets it be copied and pickled nevertheless."""
    names = tuple(one.name for one in dataclasses.fields(cls))

    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: N807  its name in a traceback
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")  # noqa: EM102  as it is known
        super(cls, self).__setattr__(name, value)  # type: ignore[arg-type]  # it is a class

    def __delattr__(self: Any, name: str) -> None:  # noqa: N807  its name in a traceback
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")  # noqa: EM102  as it is known
        super(cls, self).__delattr__(name)  # type: ignore[arg-type]  # it is a class

    cls.__setattr__ = __setattr__  # type: ignore[assignment]  # as the standard library does
    cls.__delattr__ = __delattr__  # type: ignore[assignment]  # as the standard library does
    if "__slots__" in vars(cls):
        # pickle would set each slot by `setattr`
        namespace: Any = cls
        namespace.__getstate__ = lambda self: [getattr(self, name) for name in names]
        namespace.__setstate__ = lambda self, state: _set_all(self, names, state)


def _set_all(one: object, names: tuple[str, ...], values: list[object]) -> None:
    for name, value in zip(names, values, strict=True):
        object.__setattr__(one, name, value)
