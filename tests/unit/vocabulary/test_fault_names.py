"""What is shown of an exception holds nothing that was made up while the program ran."""

from __future__ import annotations

import pytest

from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.fault_names import UNKNOWN_PLACE, find_last_place, list_places, name_class


class OrdinaryError(ValueError):
    """As plugins define them."""


def _raise(code: str, file: str) -> BaseException:
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile(code, file, "exec"), {})  # noqa: S102  code under a file name that plugins may make up
    return caught.value


def test_a_class_of_a_module_is_named():
    assert name_class(OrdinaryError()) == "OrdinaryError"
    assert name_class(KeyError("x")) == "KeyError"
    assert name_class(ParcelError("incident.api.answer")) == "ParcelError"


@pytest.mark.parametrize("name", ["Durand Jeanne", "DurandJeanne", "", "\x1b[31m", "OrdinaryError"])
def test_a_class_that_was_made_up_is_named_by_its_nearest_base(name):
    made_up = type(name, (OrdinaryError,), {"__module__": __name__})
    shown = name_class(made_up())
    assert shown == "OrdinaryError"
    nowhere = type(name, (LookupError,), {"__module__": "no.such.module"})
    assert name_class(nowhere()) == "LookupError"


def test_a_place_is_folder_file_and_line():
    with pytest.raises(ValueError, match="x") as caught:
        int("x")
    assert list_places(caught.value.__traceback__)[-1].startswith("vocabulary/test_fault_names.py:")
    assert find_last_place(caught.value.__traceback__).startswith("test_fault_names.py:")
    assert find_last_place(None) == UNKNOWN_PLACE


@pytest.mark.parametrize("file", ["Durand Jeanne", "/data/Durand Jeanne.py", "<string>", "\x1b[31m.py", "a\n.py", ""])
def test_code_under_a_made_up_name_has_its_line_alone(file):
    error = _raise("\n\n1 / 0", file)
    assert find_last_place(error.__traceback__) == f"{UNKNOWN_PLACE}:3"


def test_a_folder_with_a_made_up_name_is_not_shown():
    error = _raise("1 / 0", "/data/Durand Jeanne/module.py")
    assert list_places(error.__traceback__)[-1] == "?/module.py:1"
