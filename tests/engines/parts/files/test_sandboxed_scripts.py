from types import SimpleNamespace

import pytest

from engines.parts.files.sandboxed_scripts import said_by
from workbench.contract.errors import DataError

LIMITS = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (500_000_000,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (1,) * 2)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000,) * 2)
"""


def script(tmp_path, code):
    path = tmp_path / "script.py"
    path.write_text(LIMITS + code)
    return SimpleNamespace(__file__=str(path), MEMORY_BYTES=500_000_000, SECONDS=1)


def test_what_the_script_says_is_an_open_file(tmp_path):
    say = script(tmp_path, "print(open(sys.argv[1]).read() + sys.argv[2])")
    (tmp_path / "a.txt").write_text("read ")
    with said_by(say, tmp_path / "a.txt", "it", remedy="") as said:
        assert said.read() == b"read it\n"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("while True: pass", "was not read within 1 seconds of computing"),
        ("import time; time.sleep(60)", "was not read within 1 seconds of computing"),
        ("bytearray(900_000_000)", "cannot be read within 0 GB|cannot be read within 1 GB of memory"),
        ("while True: print('x' * 10_000)", "unpacks to more than is read"),
        ("raise ValueError('of no use')", "cannot be read: ValueError: of no use"),
        ("import os; os.kill(os.getpid(), 11)", "of memory"),
    ],
)
def test_a_script_that_meets_a_limit_is_an_error_with_a_remedy(tmp_path, code, reason):
    with (
        pytest.raises(DataError, match=reason) as caught,
        said_by(script(tmp_path, code), tmp_path / "a", remedy="Cut it."),
    ):
        pytest.fail("it said something")
    assert caught.value.hint == "Cut it."
