"""Against what pydantic reads itself."""

import pytest
from pydantic import BaseModel, ConfigDict, create_model

from engines import ENGINES
from workbench.contract.field_docs import field_docs
from workbench.contract.schema import Config, Outcome, Row


class Documented(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    plain: int
    told: int = 3
    """What it is,
    over two lines."""
    alone: str = ""
    "In one pair of quotes."

    class Inner(BaseModel):
        deep: int
        """Deep inside."""


class Heir(Documented):
    told: int = 4
    own: int = 0
    """Its own."""


@pytest.mark.parametrize("kind", [Documented, Heir])
def test_the_docstrings_are_those_that_pydantic_reads(kind):
    wanted = {name: field.description for name, field in kind.model_fields.items() if field.description}
    inherited = {"told": Documented.model_fields["told"].description} if kind is Heir else {}
    assert field_docs(kind) == wanted | inherited


def test_a_class_within_a_class_and_a_class_within_a_function():
    class Local(BaseModel):
        near: int
        """At hand."""

    assert field_docs(Documented.Inner) == {"deep": "Deep inside."}
    assert field_docs(Local) == {"near": "At hand."}


def test_what_was_written_nowhere_has_no_docstrings():
    assert field_docs(create_model("Made", x=(int, 0))) == {}
    assert field_docs(BaseModel) == {} and field_docs(Config) == {} and field_docs(Row) == {}


def test_rows_and_settings_of_the_bench_and_of_every_method_are_found():
    assert field_docs(Outcome)["metric"].startswith("Name of a")
    for engine in ENGINES.values():
        assert set(field_docs(engine.config)) == set(engine.config.model_fields), engine.name
