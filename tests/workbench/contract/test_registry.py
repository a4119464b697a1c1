"""Methods found by their entry point."""

import pytest

from engines import ENGINES
from tests.rooms import ENGINES as TOYS
from tests.rooms import TOOLS
from workbench.contract.errors import ConfigError
from workbench.contract.registry import Installed, engine_named, engines, installed


def test_the_installed_methods_are_those_of_this_tree():
    assert dict(engines()) == dict(ENGINES)


def test_a_name_finds_its_card():
    assert engine_named("counting", TOYS) is TOYS["counting"]


@pytest.mark.parametrize(("name", "said"), [("countng", "Did you mean 'counting'"), ("x", "Choose from counting")])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, said: str):
    with pytest.raises(ConfigError, match=said):
        engine_named(name, TOYS)


def test_methods_and_tools_are_rooms_of_one_bench():
    there = Installed(TOYS, TOOLS)
    assert list(there.rooms) == [*TOYS, *TOOLS]
    assert list(there.catalogue.models()) == []
    assert installed().engines is engines()
