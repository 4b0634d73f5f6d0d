"""A depot on an object store that fails or is killed at any moment: nothing lost, nothing half, no key too few."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import night_of_objects
import pytest
from depot_places import open_objects
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeying import count_examples, take_some
from night_of_objects import CONTENTS, GONE, open_depot, work
from s3_store import ACCESS, BUCKET, REGION, SECRET, serve_s3
from tls_servers import make_trusted

from passerelle.stores.depot import Depot
from passerelle.vocabulary import failpoints
from passerelle.vocabulary.errors import ParcelError, TransientError

NIGHT = Path(night_of_objects.__file__)
PLACES = [
    "depot.part",
    "depot.part:2",
    *(f"depot.sent:{nth}" for nth in (1, 2, 3)),
    "collect.copied:2",
    "depot.removed",
]
FAULTS = st.lists(st.sampled_from(("good", "before", "after", "cut")), max_size=12)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch, serve_s3(make_trusted(folder, patch, 30)[0]) as running:
        yield running


def _kill(store, folder: Path, prefix: str, **environment: str) -> int:
    command = [sys.executable, str(NIGHT), str(folder), str(store.port), prefix, BUCKET, REGION, ACCESS, SECRET]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, timeout=120, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


def _check_nothing_is_half(depot: Depot) -> None:
    """What is there opens and is what its name says, or is what was being removed: its key goes first."""
    for digest in depot.list_digests():
        if digest == hashlib.sha256(GONE).hexdigest():
            continue
        with depot.open(digest) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == digest


@pytest.mark.parametrize("place", take_some(PLACES, 3, 5))
def test_a_night_that_was_killed_is_finished_by_the_next_and_leaves_no_parts(store, tmp_path, place):
    objects = open_objects(store, tmp_path / "brouillons")
    log = tmp_path / "passed"
    killed = {failpoints.VARIABLE: place, failpoints.LOG_VARIABLE: str(log)}
    assert _kill(store, tmp_path, objects.prefix, **killed) == -signal.SIGKILL
    depot = open_depot(tmp_path, objects)
    _check_nothing_is_half(depot)
    work(depot)
    _check_nothing_is_half(depot)
    assert depot.list_digests() == sorted(hashlib.sha256(each).hexdigest() for each in CONTENTS if each != GONE)
    assert place.partition(":")[0] in log.read_text("ascii").split()
    depot.sweep(datetime.now(UTC) + timedelta(days=2))
    assert store.count_uploads(objects.prefix) == 0
    assert list((tmp_path / "brouillons").iterdir()) == []
    assert len(depot.list_key_places()) == 2
    objects.close()


@settings(max_examples=count_examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=FAULTS, contents=st.lists(st.sampled_from((b"un", b"deux", b"trois")), min_size=1, max_size=4))
def test_whatever_fails_what_was_taken_is_there_and_opens(store, tmp_path_factory, faults, contents):
    folder = tmp_path_factory.mktemp("d")
    objects = open_objects(store, folder / "brouillons")
    depot, pending, taken = open_depot(folder, objects), list(faults), set()
    store.instead = lambda _environ: _refuse(pending)
    store.spoil = lambda _environ, content: _spoil(pending, content)
    try:
        for content in contents:
            try:
                taken.add(depot.put(io.BytesIO(content), name="x").digest)
            except TransientError:
                continue
    finally:
        store.instead, store.spoil = (lambda _environ: None), (lambda _environ, content: content)
    for digest in taken:
        with depot.open(digest) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == digest
    again = {depot.put(io.BytesIO(content), name="x").digest for content in contents}
    assert again == set(depot.list_digests()) >= taken
    assert all(depot.is_sound(digest) for digest in again)
    objects.close()


def _refuse(pending: list[str]) -> tuple[str, str] | None:
    if pending and pending[0] == "before":
        pending.pop(0)
        return "503 Slow Down", "SlowDown"
    return None


def _spoil(pending: list[str], content: bytes) -> bytes | None:
    fault = pending.pop(0) if pending else "good"
    return content if fault == "good" else None if fault == "after" else content[:-1] or None


def test_two_machines_that_receive_the_same_bytes_keep_one_object_and_one_key(store, tmp_path):
    first = open_objects(store, tmp_path / "un")
    second = open_objects(store, tmp_path / "deux", first.prefix)
    one = open_depot(tmp_path, first)
    other = Depot(second, one._seal)
    digest = one.put(io.BytesIO(b"x"), name="premier.csv").digest
    # the second one looked before the first was there
    seen = [0]

    def show_nothing(environ):
        if environ["REQUEST_METHOD"] == "HEAD" and not seen[0]:
            seen[0] += 1
            return "404 Not Found", ""
        return None

    store.instead = show_nothing
    assert other.put(io.BytesIO(b"x"), name="second.csv").digest == digest
    store.instead = lambda _environ: None
    assert seen == [1]
    assert other.read_name(digest) == one.read_name(digest) == "premier.csv"
    one.remove(digest)
    with pytest.raises(ParcelError):
        other.open(digest)
    first.close()
    second.close()


def test_a_removed_deposit_that_the_bucket_keeps_all_the_same_opens_no_more(store, tmp_path):
    objects = open_objects(store, tmp_path / "brouillons")
    depot = open_depot(tmp_path, objects)
    digest = depot.put(io.BytesIO(b"x"), name="x").digest
    kept = store.read(objects.prefix)[digest]
    depot.remove(digest)
    store.backend.put_object(BUCKET, f"{objects.prefix}{digest}", kept)  # as an earlier version of it would be
    with pytest.raises(ParcelError) as caught:
        depot.open(digest)
    assert caught.value.code == "incident.deposit.missing"
    objects.close()
