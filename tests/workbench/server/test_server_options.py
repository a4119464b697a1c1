"""Options from the command line, and what a Space prescribes."""

import pytest

from engines.parts.servers import server_addresses
from workbench.launch.environment import worker_environment
from workbench.server.server import guard, site_of
from workbench.server.server_options import OPEN_TO_OTHERS, read_options


def test_on_a_space_visitors_are_guests(fresh_home):
    space = {"SPACE_ID": "ada/bench", "SPACE_HOST": "ada-bench.hf.space"}
    options = read_options([], space)
    assert (options.host, options.port) == ("0.0.0.0", 7860)
    assert guard(options, space)[0].mode == "guests"
    site = site_of(options)
    assert site.answers_to("ada-bench.hf.space") and not site.answers_to("eve-bench.hf.space")
    assert site.proxied and "https://huggingface.co" in site.ancestors


@pytest.mark.parametrize(
    ("arguments", "others"),
    [
        ([], False),
        (["--host", "localhost"], False),
        (["--host", "::1"], False),
        (["--host", "0.0.0.0"], True),
        (["--host", "192.168.1.5"], True),
        (["--share"], True),
        (["--allow-host", "bench.example.org"], True),
    ],
)
def test_who_can_connect_decides_which_model_servers_are_asked(arguments: list[str], others: bool):
    assert read_options(arguments, {}).open_to_others is others
    assert read_options(arguments, {"SPACE_ID": "ada/bench"}).open_to_others


def test_workers_hear_that_others_can_connect():
    assert worker_environment(1, (), {OPEN_TO_OTHERS: "1"})[OPEN_TO_OTHERS] == "1"
    assert server_addresses.OPEN_TO_OTHERS == OPEN_TO_OTHERS
