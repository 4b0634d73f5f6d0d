"""What escapes plugin code is blamed on the plugin; what escapes ours is not."""

from __future__ import annotations

import pytest

from passerelle.extension.plugin_errors import iterate_plugin, wrap_plugin_errors
from passerelle.extension.plugin_info import PluginInfo
from passerelle.vocabulary.errors import FatalError, FlowError, ParcelError, TransientError

INFO = PluginInfo("acme", "passerelle-plugin-acme", "1.2", "")


def test_a_foreign_exception_becomes_ours_with_name_version_and_place_and_without_words():
    with pytest.raises(ParcelError) as caught, wrap_plugin_errors(INFO, family=ParcelError):
        raise ValueError("Jean CANARY")
    facts = caught.value.details
    assert (facts["plugin"], facts["version"], facts["kind"]) == ("acme", "1.2", "ValueError")
    assert facts["place"].startswith("test_plugin_errors.py:")
    assert "CANARY" not in f"{caught.value}{facts}"


def test_an_error_of_ours_passes_as_it_is():
    with pytest.raises(TransientError) as caught, wrap_plugin_errors(INFO):
        raise TransientError("incident.supplier.unreachable")
    assert caught.value.code == "incident.supplier.unreachable"


def test_an_interruption_is_nobodys_fault():
    with pytest.raises(KeyboardInterrupt), wrap_plugin_errors(INFO):
        raise KeyboardInterrupt


def test_what_a_plugin_yields_comes_through_until_it_fails():
    def pages():
        yield 1
        yield 2
        raise KeyError("CANARY")

    through = iterate_plugin(INFO, pages, family=FlowError)
    assert (next(through), next(through)) == (1, 2)
    with pytest.raises(FlowError) as caught:
        next(through)
    assert caught.value.code == "incident.plugin.failed"


def test_a_plugin_that_gives_nothing_to_go_through_is_blamed():
    with pytest.raises(FatalError):
        list(iterate_plugin(INFO, lambda: None))


def test_a_fault_of_the_reader_is_not_blamed_on_the_plugin():
    def read():
        for item in iterate_plugin(INFO, lambda: iter([1])):
            item / 0

    with pytest.raises(ZeroDivisionError):
        read()
