"""Once code of others may run, the standard streams carry our words alone; what is dropped is counted."""

from __future__ import annotations

import sys
import threading
from io import StringIO, TextIOWrapper

import pytest

from passerelle.vocabulary.outlets import count_foreign, find_stream, guard_streams, replace_streams, speak_up


@pytest.fixture(autouse=True)
def counted():
    count_foreign()


def test_everything_is_shown_until_code_of_others_may_run(capsys):
    with replace_streams():
        sys.stdout.write("avant\n")
        guard_streams()
        sys.stdout.write("après\n")
        with speak_up():
            sys.stdout.write("nous\n")
    sys.stdout.write("enfin\n")
    assert capsys.readouterr().out == "avant\nnous\nenfin\n"
    assert count_foreign() == len("après\n")
    assert count_foreign() == 0


def test_what_another_thread_prints_meanwhile_is_not_ours(capsys):
    with replace_streams():
        guard_streams()
        with speak_up():
            other = threading.Thread(target=lambda: sys.stderr.write("Zyxoline"))
            other.start()
            other.join()
            sys.stdout.write("nous\n")
    assert capsys.readouterr() == ("nous\n", "")


@pytest.mark.parametrize(
    "write", [lambda stream: stream.writelines(["a", "b"]), lambda stream: stream.buffer.write(b"ab")]
)
def test_other_ways_of_writing_lead_nowhere_either(monkeypatch, tmp_path, write):
    with (tmp_path / "sortie").open("wb") as below:
        monkeypatch.setattr(sys, "stdout", TextIOWrapper(below, encoding="utf-8"))
        with replace_streams():
            guard_streams()
            write(sys.stdout)
            sys.stdout.flush()
            assert (tmp_path / "sortie").read_bytes() == b""
            with speak_up():
                write(sys.stdout)
                sys.stdout.flush()
        assert (tmp_path / "sortie").read_bytes() == b"ab"


def test_bytes_are_refused_as_by_any_stream_of_text():
    with replace_streams(), pytest.raises(TypeError):
        sys.stdout.write(b"")


def test_a_program_without_a_console_has_no_streams_to_guard(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with replace_streams():
        guard_streams()
        assert sys.stdout is None


def test_the_stream_below_is_found_for_what_draws_by_itself():
    plain = StringIO()
    assert find_stream(plain) is plain
    before = sys.stderr
    with replace_streams():
        assert find_stream(sys.stderr) is before
