"""Names of facts are the plain strings that runs record."""

from workbench.contract.facts import Fact


def test_a_fact_is_its_name():
    assert {Fact.STEPS: 796}["training_steps"] == 796
    assert f"{Fact.DTYPE}" == "dtype"
    assert len({str(fact) for fact in Fact}) == len(Fact)
