"""Contracts are typed for those who write Python: a type checker knows each field."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args, get_overloads, get_type_hints

import pytest

from passerelle.contracts.catalogue import catalogue, get

ROOT = Path(__file__).parents[2]


def test_every_contract_has_its_own_type_when_it_is_got_by_its_id():
    models = {contract.__name__: contract for contract in catalogue().values()}
    names = {**vars(sys.modules[get.__module__]), **models, "Contract": object}
    hints = [get_type_hints(one, names) for one in get_overloads(get)]
    typed = {
        get_args(hint["contract_id"])[0]: get_args(hint["return"])[0] for hint in hints if get_args(hint["contract_id"])
    }
    assert typed == dict(catalogue())


@pytest.mark.slow
def test_a_type_checker_knows_the_fields():
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "tests/typing/typed_models.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
