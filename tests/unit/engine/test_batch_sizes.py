"""A flow, opened: what its settings say is what it does, and what they leave out has its usual value."""

from __future__ import annotations

import pytest

from passerelle.engine.settings.workspace_settings import load_settings
from passerelle.engine.workspace.assembly import open_workspace

FILES = '{ kind = "folder", path = "sorties" }'
API = '{ kind = "api", base_url = "https://logiciel.example/", path = "/v" }'
SUPPLIER = '{ kind = "supplier", connector = "grc-contacts", base_url = "https://logiciel.example/" }'


@pytest.mark.parametrize(
    ("destination", "more", "size"),
    [
        (FILES, "", (3 << 20, 8_000)),
        (API, "", (512 << 10, 2_000)),
        (SUPPLIER, "", (512 << 10, 2_000)),
        (FILES, "block_rows = 7", (3 << 20, 7)),
        (API, "block_bytes = 4096", (4096, 2_000)),
        (API, "block_bytes = 4096\nblock_rows = 7", (4096, 7)),
    ],
)
def test_batches_towards_an_api_are_shorter_unless_the_settings_say_otherwise(tmp_path, destination, more, size):
    (tmp_path / "passerelle.toml").write_text(
        f'[flow.un]\nconnector = "compani-interventions"\npurpose = "planning"\n{more}\n'
        f'source = {{ kind = "folder", path = "entrees" }}\ndestination = {destination}\n',
        "utf-8",
    )
    with open_workspace(load_settings(tmp_path / "passerelle.toml")) as house, house.open_flow("un") as line:
        assert (line.blocks.bytes, line.blocks.rows) == size
