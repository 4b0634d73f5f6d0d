"""The log keeps what its allow-list knows and nothing else, whatever fails."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
import threading
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journeying import count_examples

import passerelle
from passerelle.engine import log as module
from passerelle.engine.log import EVENTS, KEYS, configure, log
from passerelle.vocabulary.errors import ParcelError
from passerelle.vocabulary.outcomes import Fate

CANARY = "Ghislaine TREMEUR 2 54 07 75 110 112"


@pytest.fixture(autouse=True)
def _restored(monkeypatch):
    """Give the hooks of the interpreter back after each test."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    handlers = logging.getLogger().handlers
    yield
    logging.getLogger().handlers = handlers
    logging.captureWarnings(capture=False)
    module._current.clear()


@pytest.fixture
def lines():
    stream = io.StringIO()
    configure(form="json", stream=stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_our_figures(lines):
    log("run_ended", run=3, exit=1, **{Fate.DELIVERED.value: 12})
    (line,) = lines()
    assert (line["event"], line["level"], line["run"], line["delivered"]) == ("run_ended", "info", 3, 12)
    assert line["timestamp"].endswith("Z")
    assert "dropped" not in line


def test_an_unknown_key_and_a_value_of_the_wrong_shape_are_dropped_and_counted(lines):
    log("flow_waits", flow="visites", code=CANARY, name=CANARY, run=CANARY, parcel="a" * 64)
    (line,) = lines()
    assert line["dropped"] == 3
    assert line["flow"] == "visites"
    assert CANARY not in json.dumps(line)


def test_an_unknown_event_is_told_as_a_mistake_without_its_keys(lines):
    log(CANARY, flow="visites")
    assert [(line["event"], "flow" in line) for line in lines()] == [("log_misused", False)]


def _fail():
    try:
        return {}[CANARY]
    except KeyError as cause:
        raise ValueError(CANARY) from cause


def test_a_traceback_keeps_places_and_classes_and_loses_messages(lines):
    with pytest.raises(ValueError, match=CANARY) as caught:
        _fail()
    log("process_failed", error=caught.value)
    (line,) = lines()
    assert line["error"]["class"] == "ValueError"
    assert line["error"]["cause"]["class"] == "KeyError"
    assert line["error"]["places"][0].startswith("engine/test_log.py:")
    assert CANARY not in json.dumps(line)


def test_an_error_of_ours_keeps_its_code(lines):
    log("process_stopped", error=ParcelError("decode.row.too_few_cells", found=CANARY))
    (line,) = lines()
    assert line["error"]["code"] == "decode.row.too_few_cells"
    assert CANARY not in json.dumps(line)


def test_libraries_and_warnings_are_heard_without_their_words(lines):
    logging.getLogger("httpx.client").warning("GET https://a/?nom=%s", CANARY)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(CANARY, stacklevel=1)
    told = lines()
    assert [line["event"] for line in told] == ["library_warned", "library_warned"]
    assert told[0]["library"] == "httpx"
    assert CANARY not in json.dumps(told)


def test_a_thread_that_dies_is_heard_without_its_words(lines):
    def die():
        raise ValueError(CANARY)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    assert [line["error"]["class"] for line in lines()] == ["ValueError"]
    assert CANARY not in json.dumps(lines())


def test_what_nobody_caught_is_told_without_its_words(lines):
    error = ValueError(CANARY)
    sys.excepthook(ValueError, error, None)
    assert [line["event"] for line in lines()] == ["process_failed"]
    assert CANARY not in json.dumps(lines())


def test_a_terminal_gets_short_lines_for_what_matters_only():
    stream = io.StringIO()
    configure(form="text", stream=stream)
    log("run_started", run=1)
    log("flow_suspended", flow="visites", code="incident.plugin.failed")
    (line,) = stream.getvalue().splitlines()
    assert "event=flow_suspended flow=visites code=incident.plugin.failed" in line


def test_the_log_is_filtered_even_before_it_is_configured(capsys):
    module._current.clear()
    log("flow_waits", flow="visites", name=CANARY)
    assert json.loads(capsys.readouterr().err)["dropped"] == 1


@settings(max_examples=count_examples(100), deadline=None)
@given(st.dictionaries(st.sampled_from([*KEYS, "name", "x"]), st.text(min_size=1), max_size=5))
def test_no_free_text_ever_passes(keys):
    kept = module.allow(None, "", keys)
    for key, value in kept.items():
        assert key == "dropped" or KEYS[key](value)
        assert " " not in str(value)


def _events_logged():
    for path in Path(passerelle.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log":
                named = [*ast.walk(node.args[0])]
                yield from (leaf.value for leaf in named if isinstance(leaf, ast.Constant))
                yield from ((keyword.arg,) for keyword in node.keywords if keyword.arg)


def test_every_event_and_key_that_the_program_logs_is_declared_and_every_declared_event_is_logged():
    found = set(_events_logged())
    events = {item for item in found if isinstance(item, str)}
    assert events | {"log_misused"} == set(EVENTS)
    assert {item[0] for item in found if isinstance(item, tuple)} <= {*KEYS, "error"}
