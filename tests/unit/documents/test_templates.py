"""One environment for all pages: escaped, strict, with the formats of the house."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from passerelle.documents.templates import get_environment, get_template


def test_everything_is_escaped():
    assert get_environment().autoescape is True
    assert get_environment().from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;"


def test_a_name_that_does_not_exist_is_an_error():
    with pytest.raises(UndefinedError):
        get_environment().from_string("{{ absent }}").render()


def test_templates_are_read_once_and_found_by_their_path():
    assert get_template("documents/document.html.jinja") is get_template("documents/document.html.jinja")
