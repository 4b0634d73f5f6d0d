"""What a plugin leaves to a person is counted from its description."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

from passerelle.extension.loading import list_installed
from passerelle.extension.plugin_info import PluginInfo
from passerelle.testing.open_points import count_open_points

LINES = "# À DÉCIDER : quel jour ?\nid = 'x'\n    # À DÉCIDER : quel code ?\ntitle = 'À DÉCIDER'\n"


def test_marks_before_questions_are_counted_and_words_in_a_value_are_not(tmp_path):
    (tmp_path / "supplier.toml").write_text(LINES, encoding="utf-8")
    assert count_open_points(PluginInfo("x", "", "1", "", path=tmp_path / "supplier.toml")) == 2


def test_the_questions_of_a_readme_are_counted_and_a_sentence_about_the_mark_is_not(tmp_path):
    (tmp_path / "supplier.toml").write_text("id = 'x'\n", encoding="utf-8")
    readme = "Les points « À DÉCIDER » restent.\n\n| Éditeur | À DÉCIDER : qui ? |\n- À DÉCIDER\u202f: quoi ?\n"
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    assert count_open_points(PluginInfo("x", "", "1", "", path=tmp_path / "supplier.toml")) == 2


def test_the_files_of_an_installed_package_are_looked_at(tmp_path, monkeypatch):
    package = tmp_path / "passerelle_plugin_to_decide"
    package.mkdir()
    (package / "__init__.py").write_text("# À DÉCIDER : quel champ ?\n", encoding="utf-8")
    (package / "notes.txt").write_text(LINES, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("to-decide", "passerelle_plugin_to_decide", "passerelle.plugins")
    assert count_open_points(PluginInfo("to-decide", "", "1", "", entry=entry)) == 1
    sys.modules.pop("passerelle_plugin_to_decide", None)


def test_nothing_is_open_where_nothing_is_known_and_in_the_plugins_of_the_house():
    assert count_open_points(PluginInfo("x", "", "1", "")) == 0
    assert [info.name for info in list_installed() if count_open_points(info)] == []
