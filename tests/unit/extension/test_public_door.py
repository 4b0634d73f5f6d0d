"""The plugin author's door: few names, all of them there, none imported before it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import passerelle


def test_the_door_has_at_most_twenty_five_names():
    assert len(passerelle.__all__) <= 25
    assert passerelle.__all__ == sorted(passerelle.__all__)
    assert dir(passerelle) == passerelle.__all__


@pytest.mark.parametrize("name", passerelle.__all__)
def test_every_name_is_there(name):
    assert getattr(passerelle, name) is not None


def test_the_converters_have_a_room_of_their_own():
    from passerelle import convert as to  # noqa: PLC0415  only this test needs it

    assert to.Text("Nom").columns == ("Nom",)


def test_another_name_is_not_there():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        passerelle.nothing_of_the_kind  # noqa: B018  asking for the name is what is tested


def test_importing_the_package_imports_nothing_else():
    code = "import sys; before = set(sys.modules); import passerelle; print(*sorted(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"polars", "pydantic", "pluggy", "click", "httpx", "lxml"}
    assert heavy & {name.partition(".")[0] for name in result.stdout.split()} == set()
