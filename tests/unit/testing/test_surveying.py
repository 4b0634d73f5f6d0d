"""Every plugin at once: one that breaks is told, and stops no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inventing_plugins import DIES, RAISES, SOUND, install

from passerelle.extension.loading import list_installed
from passerelle.faces.cli.exits import Exit
from passerelle.faces.cli.plugins import check as plugins_check
from passerelle.faces.suppliers_page import write_suppliers_page
from passerelle.testing.certifying import Certificate
from passerelle.testing.surveying import FailedPlugin, examine_plugin, examine_plugins

PLUGINS = {"dies": DIES, "raises": RAISES, "sound": SOUND}


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Install a plugin that is sound, and some that raise or kill their process when they are loaded."""
    install(tmp_path, monkeypatch, **PLUGINS)


@pytest.mark.slow
def test_a_plugin_that_raises_and_one_that_dies_stop_no_other(library):
    infos = [info for info in list_installed() if info.name in PLUGINS]
    told = []
    found = examine_plugins(infos, lambda: told.append(1))
    assert [one.plugin.name for one in found] == list(PLUGINS)
    assert [type(one) for one in found] == [FailedPlugin, FailedPlugin, Certificate]
    assert len(told) == len(PLUGINS)
    assert plugins_check.choose_exit(found) is Exit.ASIDE
    assert "Invente" not in plugins_check.format_text(found) + plugins_check.format_grades(found)
    content = plugins_check.to_content(found[1])
    assert (content["grade"], content["trouble"]["reason"]) == ("broken", "incident.plugin.failed")


def test_a_plugin_that_raises_is_broken_when_it_is_examined_alone(library):
    (info,) = [info for info in list_installed() if info.name == "raises"]
    (one,) = examine_plugin(info)
    assert isinstance(one, FailedPlugin)
    assert "raises" in one.message


def test_a_broken_plugin_has_its_line_on_the_page(monkeypatch):
    (info,) = [info for info in list_installed() if info.name == "compani"]
    broken = FailedPlugin(replace(info), "incident.plugin.failed")
    monkeypatch.setattr("passerelle.faces.suppliers_page.examine_plugins", lambda _infos: [broken])
    assert write_suppliers_page([info]).splitlines()[-1].endswith("| en panne | `incident.plugin.failed` |")
