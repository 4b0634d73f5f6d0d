"""One catalogue for our words and click's: complete, compiled, and without a word of the other language."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from babel.messages.mofile import read_mo

from passerelle.faces.cli.app import COMMANDS, program
from passerelle.faces.cli.display_language import find_asked_language
from passerelle.vocabulary.formatting import typeset
from passerelle.vocabulary.reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOLS = Path(__file__).parents[3] / "tools"

ENGLISH = {"the", "and", "with", "what", "which", "is", "are", "was", "this", "that", "from", "not", "error", "invalid"}
ENGLISH |= {"missing", "show", "file", "only", "each", "every", "usage:", "commands", "examples", "default"}
FRENCH = {"le", "la", "les", "des", "est", "une", "avec", "dans", "pour", "sont", "fichier", "erreur", "ne", "pas"}


@pytest.fixture
def messages(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    import messages as tool  # noqa: PLC0415  a script, not a package

    yield tool
    sys.modules.pop("messages", None)


def test_the_french_catalogue_is_complete_current_and_compiled(messages):
    assert messages.find_faults() == []


def _said(path: Path) -> Iterator[str]:
    """Every sentence that is looked up; gathering does not see into f-strings and other calls."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_", "plural"}:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield first.value


def test_every_sentence_that_is_looked_up_is_gathered(messages):
    gathered = {one if isinstance(one, str) else one[0] for one in messages.iter_messages()}
    said = {one for path in messages.SOURCE.rglob("*.py") for one in _said(path)}
    assert len(said) > 1000
    assert said - gathered == set()


def test_no_translation_is_fuzzy_and_each_keeps_the_words_to_fill_in(messages):
    for message in messages.read_catalogue():
        if message.id:
            assert not message.fuzzy, message.id
            originals = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            expected = {name for original in originals for name in _fields(original)}
            for string in strings:
                assert _fields(string) <= expected, message.id
            assert set().union(*map(_fields, strings)) == expected, message.id


def test_what_is_compiled_has_the_spaces_of_french_around_its_marks(messages):
    with (messages.CATALOGUE.with_suffix(".mo")).open("rb") as stream:
        compiled = [message for message in read_mo(stream) if message.id]
    strings = [
        one for message in compiled for one in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    assert len(strings) > 1000
    assert [one for one in strings if typeset(one) != one] == []


def _fields(text):
    return set(re.findall(r"\{(\w+)[^}]*\}", text)) | set(re.findall(r"%\((\w+)\)", text))


def _paths(command=program, path=()):
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command, info_name="passerelle")
        for name in command.list_commands(context):
            yield from _paths(command.get_command(context, name), (*path, name))


EVERY_COMMAND = sorted(_paths())


def test_every_command_is_there():
    assert {path[0] for path in EVERY_COMMAND if path} == set(COMMANDS)
    assert len(EVERY_COMMAND) > 25


@pytest.mark.parametrize("path", EVERY_COMMAND, ids=" ".join)
@pytest.mark.parametrize(("lang", "foreign"), [("fr", ENGLISH), ("en", FRENCH)])
def test_help_has_examples_and_no_word_of_the_other_language(program, path, lang, foreign):
    result = program(*path, "--help", lang=lang)
    assert result.code == 0
    assert ("Exemples" if lang == "fr" else "Examples") in result.out
    assert _words(result.out) & foreign == set()


MISTAKES = [
    ("nothing",),
    ("chek",),
    ("run", "--nothing"),
    ("check",),
    ("check", "absent.csv", "--connector", "compani-interventions"),
    ("check", "passerelle.toml", "--connector", "compani"),
    ("status", "--format", "yaml"),
    ("status", "absent"),
    ("quarantine", "show", "x"),
    ("quarantine", "show", "0"),
    ("quarantine", "show", "12"),
    ("quarantine", "discard"),
    ("contracts", "show", "visite"),
    ("plugins", "show", "companies"),
    ("consent", "refuse"),
    ("--settings", "absent.toml", "run"),
    ("flow",),
    ("flow", "resume", "visites", "autre"),
]


@pytest.mark.parametrize("arguments", MISTAKES, ids=" ".join)
@pytest.mark.parametrize(("lang", "foreign"), [("fr", ENGLISH), ("en", FRENCH)])
def test_a_mistake_is_told_without_a_word_of_the_other_language(program, folder, arguments, lang, foreign):
    result = program(*arguments, lang=lang)
    assert result.code == 64
    assert result.err
    assert _words(result.err) & foreign == set()


@pytest.mark.parametrize(("lang", "foreign"), [("fr", ENGLISH), ("en", FRENCH)])
def test_no_reason_has_a_word_of_the_other_language(lang, foreign):
    from passerelle.vocabulary import language  # noqa: PLC0415  only this test needs it
    from passerelle.vocabulary.reasons import explain  # noqa: PLC0415  only this test needs it

    language.set_language(lang)
    mixed = {code: found for code in REASONS if (found := _words(" ".join(explain(code, {}))) & foreign)}
    assert mixed == {}


def _words(text):
    """Give the plain words; what stands in quotes or brackets, options, commands and names are the same everywhere."""
    text = re.sub(
        r"«[^»]*»|'[^']*'|\"[^\"]*\"|\[[^\]]*\]|--[\w-]+|^ *passerelle .*$|[\w.-]+\.\w+|(env|file|keyring):",
        " ",
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(rf"(?<![\w-])({'|'.join(COMMANDS)}|list|show|env|file|keyring)(?![\w-])(?=  )", " ", text)
    return set(re.findall(r"(?<![\w-])[a-zàâçéèêëîïôûùü]+:?(?![\w-])", text.lower()))


def test_the_language_is_that_of_the_option_then_of_the_environment(monkeypatch):
    monkeypatch.setenv("PASSERELLE_LANG", "fr")
    assert find_asked_language(["run", "--lang", "en"]) == "en"
    assert find_asked_language(["--lang=en", "run"]) == "en"
    assert find_asked_language(["run"]) == "fr"
    assert find_asked_language(["--lang"]) == ""
    monkeypatch.delenv("PASSERELLE_LANG")
    assert find_asked_language([]) == ""
