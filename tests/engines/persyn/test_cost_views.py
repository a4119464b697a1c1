import pytest

from engines.persyn import rows as kinds
from engines.persyn.controls import CostControl
from engines.persyn.cost_views import ALL_OF_IT, cost_bars, cost_rows, describe_cost, draw_cost, mean_costs
from tests.engines.persyn.shown_run import shown_frames, tables_of
from workbench.contract.views import NoControls

DONE = shown_frames()
RUN = tables_of(DONE)


def test_responses_are_shown_in_two_parts_beside_everything():
    bars = cost_bars(RUN, CostControl()).set_index(["arm", "part"])["value"]
    assert bars["PerSyn", "calibration"] == 18 and bars["PerSyn", "further"] == 4 and bars["Strong", "further"] == 10
    assert bars[ALL_OF_IT, "all"] == 30
    assert draw_cost(RUN, CostControl()).layout.barmode == "stack"


@pytest.mark.parametrize(("measure", "whole"), [("tokens", 210), ("seconds", 15)])
def test_tokens_and_seconds_in_one_part(measure, whole):
    bars = cost_bars(RUN, CostControl(measure=measure))
    assert set(bars["part"]) == {"all"} and bars["value"].iloc[-1] == whole


def test_words_count_the_calibration():
    text = describe_cost(RUN, CostControl())
    assert text == (
        "PerSyn takes 22 responses, against 30 if all teachers answer all prompts: 27% saved, with its 18 calibration "
        "responses counted. Cheapest is Strong (10)."
    )


def test_nothing_to_save_on_nothing():
    free = DONE[kinds.ArmCost].assign(everything_seconds=0.0, seconds=0.0)
    assert "0% saved" in describe_cost(tables_of({kinds.ArmCost: free}), CostControl(measure="seconds"))
    rows = cost_rows(tables_of({kinds.ArmCost: free}), NoControls())
    assert rows["seconds saved %"].isna().all() and rows["tokens saved %"].tolist()[0] == pytest.approx(26.7)


def test_rows_are_means_over_seeds_in_the_order_of_the_run():
    assert mean_costs(RUN)["arm"].tolist() == ["persyn", "strong", "oracle"]
    rows = cost_rows(RUN, NoControls()).set_index("arm")
    assert rows.loc["PerSyn", ["responses", "responses saved %"]].tolist() == [22, 26.7]
    assert rows.loc["Oracle", "responses saved %"] == 0
