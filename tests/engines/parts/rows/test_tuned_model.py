from engines.parts.rows import TunedModel


def test_time_alone_is_measured():
    assert TunedModel.measured_fields() == {"seconds"} and TunedModel.table() == "TunedModel"
