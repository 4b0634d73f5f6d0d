"""Whatever is done for one organisation, nothing of another one changes, and no line tells a value."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

from federations import EXPORT, drop_export, make_federation, read_bytes_below
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples

from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import speak

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "Canaridelle"
PROGRAMS = [
    ["run"],
    ["run", "--due"],
    ["status", "--format", "json"],
    ["doctor", "--offline"],
    ["rehearse"],
    ["quarantine", "list"],
    ["quarantine", "list", "--each"],
    ["quarantine", "export", "--output", "corriger.xlsx", "--why", "essai"],
    ["quarantine", "replay", "1"],
    ["flow", "resume", "visites"],
    ["flow", "deliver-all", "visites"],
    ["consent", "list"],
    ["audit", "verify"],
    ["audit", "list"],
    ["key", "where"],
    ["key", "rotate", "--why", "essai du changement"],
    ["backup", "copie.tar"],
    ["register"],
]
STEPS = st.lists(
    st.one_of(st.sampled_from(PROGRAMS), st.integers(0, 5).map(lambda nth: ["drop", str(nth)])), min_size=2, max_size=6
)


def do(federation: Path, step: list[str]) -> str:
    """Do one thing for organisation A; return everything that was shown and logged."""
    if step[0] == "drop":
        text = EXPORT.read_text("utf-8").splitlines()
        nth = int(step[1])
        rows = [text[0], text[1 + nth % (len(text) - 1)], f'"{CANARY}";"x"']
        (federation / "organisations" / "a" / "entrees" / f"{CANARY}-{nth}.csv").write_text("\n".join(rows), "utf-8")
        return ""
    speak("fr")
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        run(["--organisation", "a", "--log-format", "json", *step], language_asked=True)
    return said.getvalue()


@settings(
    max_examples=count_examples(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_nothing_of_another_organisation_changes_and_no_value_is_told(tmp_path_factory, monkeypatch, steps):
    federation = tmp_path_factory.mktemp("federation")
    monkeypatch.chdir(federation)
    make_federation(federation, ["a", "b"])
    drop_export(federation, "b")
    do(federation, ["drop", "0"])
    speak("fr")
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        run(["run"], language_asked=True)
    before = read_bytes_below(federation / "organisations" / "b")
    assert any(name.startswith("sorties") for name in before)
    said = "".join(do(federation, step) for step in steps)
    assert read_bytes_below(federation / "organisations" / "b") == before
    assert CANARY not in said
    assert '"organisation": "b"' not in said
