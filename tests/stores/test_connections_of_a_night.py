"""A night of many files needs one connection to the database that takes them."""

from __future__ import annotations

from journeying import visits
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

SETTINGS = """
[flow.visites]
connector = "compani-interventions"
purpose = "effectivity"
source = {{ kind = "folder", path = "entrants", quiet_seconds = 0, after = "keep" }}
destination = {{ kind = "database", url = "{url}" }}
"""


def connect(folder) -> list[str]:
    """Run a night, and return what connected to the destination."""
    opened: list[str] = []

    def note(_connection, _record) -> None:
        opened.append("connection")

    event.listen(Engine, "connect", note)
    try:
        with open_workspace(load_settings(folder / "passerelle.toml")) as workspace:
            before = len(opened)
            outcome = run_flow(
                workspace, "visites", run=workspace.journal.begin_run(["visites"], workspace.clock.now())
            )
    finally:
        event.remove(Engine, "connect", note)
    assert outcome.settled == 12
    return opened[before:]


def test_a_run_over_many_files_opens_one_connection(tmp_path, url, monkeypatch):
    monkeypatch.setenv("PASSERELLE_TEST_TARGET", url if "://" in url else f"sqlite:///{tmp_path / 'target.sqlite3'}")
    (tmp_path / "entrants").mkdir()
    (tmp_path / "passerelle.toml").write_text(SETTINGS.format(url="env:PASSERELLE_TEST_TARGET"), "utf-8")
    for nth in range(12):
        (tmp_path / "entrants" / f"{nth:02}.csv").write_text(visits(3, first=10 * nth), "utf-8", newline="")
    assert connect(tmp_path) == ["connection"]
    engine = create_engine(url if "://" in url else f"sqlite:///{tmp_path / 'target.sqlite3'}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM passerelle_visit_1")).scalar() == 36
    engine.dispose()
