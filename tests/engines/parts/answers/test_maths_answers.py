import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engines.parts.answers.maths_answers import MathsReader, MathsVerdict, maths_equal, maths_verdicts
from tests.source import ROOT


@pytest.fixture(scope="module")
def reader():
    reader = MathsReader(cpu_seconds=1.0)
    yield reader
    reader.close()


def process_of(reader) -> subprocess.Popen:
    assert reader._process is not None
    return reader._process


def test_answers_of_many_kinds_in_order(reader):
    pairs = [(r"\frac{1}{2}", "0.5"), ("x+1", "x+2"), (r"\frac{1}{2}", "0.5"), ("18", "18.0"), ("18", "1.8")]
    assert [verdict.equal for verdict in reader.judge(pairs)] == [True, False, True, True, False]
    assert reader.judge([]) == []


def test_plain_numbers_need_no_process():
    reader = MathsReader()
    pairs = [("72", "72.0"), ("-3", "$-3$"), ("0.1", "0.10"), ("7", "-7"), ("10", "1")]
    assert [verdict.equal for verdict in reader.judge(pairs)] == [True, True, True, False, False]
    assert reader._process is None


def test_a_hostile_answer_costs_itself_alone(reader):
    hostile = ["9^9^9^9", "\\frac{" * 10**6, "$" + "{" * 10**6]
    verdicts = reader.judge([("3", hostile[0]), ("x", hostile[1]), ("x+1", "1+x"), ("x", hostile[2])])
    assert [verdict.equal for verdict in verdicts] == [False, False, True, False]
    assert verdicts[0].problem == "Reading it took more than 1 seconds of processor time."
    assert verdicts[2] == MathsVerdict(True)


def test_a_reader_that_was_killed_is_started_again(reader):
    reader.judge([("x", "y")])
    first = process_of(reader)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(timeout=60)
    assert reader.judge([("x+1", "1+x")]) == [MathsVerdict(True)]
    assert process_of(reader).pid != first.pid


def test_the_process_is_told_no_keys_and_ends_with_its_reader(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-key")
    reader = MathsReader()
    reader.judge([("x", "x")])
    process = process_of(reader)
    assert b"sk-a-key" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    reader.close()
    assert process.returncode is not None


def test_the_shared_reader_answers():
    assert maths_equal("50\\%", "0.5")
    assert maths_verdicts([("x=5", "5"), ("x=5", "6")]) == [MathsVerdict(True), MathsVerdict(False)]


def test_the_shared_reader_ends_before_its_program_does():
    asked = "from engines.parts.answers.maths_answers import maths_equal; assert maths_equal('$x+1$', '$1+x$')"
    done = subprocess.run([sys.executable, "-W", "error", "-c", asked], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
