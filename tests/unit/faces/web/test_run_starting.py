"""What is started from pages goes on side by side: a comparison keeps nobody's run waiting, and is alone itself."""

from __future__ import annotations

from threading import Event

import pytest
from workbench_room import FLOW, export_contacts, find_form, open_bench

from passerelle.faces.web.rights import Role


@pytest.fixture
def bench(tmp_path):
    with open_bench(tmp_path, {FLOW: ["Visite"]}) as opened:
        yield opened


def test_a_flow_runs_and_is_tried_while_a_change_of_software_is_compared(bench, tmp_path):
    is_read = Event()

    def compare() -> list:
        assert is_read.wait(30)
        return []

    assert bench.starter.start_work("bascule", "compare", compare)
    try:
        assert not bench.starter.start_work("bascule", "plan", list)
        export_contacts(tmp_path, FLOW, ["Appel"] * 3, name="suite.csv")
        with bench.sign_in(Role.OPERATOR) as client:
            for act, what in (("/essai", "trial"), ("/lancer", "run")):
                form = find_form(client.get(f"/flux/{FLOW}").text, act)
                assert client.post(form.action, data=form.fields).status_code == 303
                bench.starter.wait(what)
        assert bench.starter.trials[FLOW].rehearsal is not None
        assert not (tmp_path / f"entrees-{FLOW}" / "suite.csv").exists()
        assert not bench.starter.works["bascule", "compare"].is_over
    finally:
        is_read.set()
    bench.starter.wait()
    assert bench.starter.works["bascule", "compare"].found == []
    assert bench.starter.start_work("bascule", "plan", list)
    bench.starter.wait()
