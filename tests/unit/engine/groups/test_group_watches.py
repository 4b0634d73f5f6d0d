"""Each parcel of a group is watched by itself: what differs between two of them is no contradiction."""

from __future__ import annotations

from people_flow import SUPPLIER, settle_people

from passerelle.engine.runs.worker import run_flow
from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace


def _run(folder, *texts: str):
    path = settle_people(folder)
    assert "birth_name" in SUPPLIER
    for nth, text in enumerate(texts):
        (folder / "entrees" / f"{nth}.csv").write_text(f"id;nom;note\n{text}", "utf-8", newline="")
    with open_workspace(load_settings(path)) as workspace:
        run_flow(workspace, "un", run=workspace.journal.begin_run(["un"], workspace.clock.now()))
        keys = [row.key for row in workspace.journal.list_parcels("un")]
        reasons = [workspace.journal.count_reasons("un", parcel=key) for key in keys]
    return [[key.code for key in some if key.code == "validate.ref.shared"] for some in reasons]


def test_two_persons_of_one_ref_are_told_of_the_parcel_that_has_both(tmp_path):
    told = _run(tmp_path, "1;Martin;a\n", "2;Durand;b\n2;Petit;c\n", "1;Moreau;d\n")
    assert sorted(told) == [[], [], ["validate.ref.shared"]]
