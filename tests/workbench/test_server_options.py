"""Options from the command line, and what a Space prescribes."""

from workbench.server import guard, site_of
from workbench.server_options import read_options


def test_on_a_space_visitors_are_guests(fresh_home):
    space = {"SPACE_ID": "ada/bench", "SPACE_HOST": "ada-bench.hf.space"}
    options = read_options([], space)
    assert (options.host, options.port) == ("0.0.0.0", 7860)
    assert guard(options, space)[0].mode == "guests"
    site = site_of(options)
    assert site.answers_to("ada-bench.hf.space") and not site.answers_to("eve-bench.hf.space")
    assert site.proxied and "https://huggingface.co" in site.ancestors
