import dataclasses

import pytest

from tests.desks import open_desk


def test_a_desk_is_shared_and_cannot_be_changed(tmp_path):
    with open_desk(tmp_path) as desk, pytest.raises(dataclasses.FrozenInstanceError):
        desk.base_url = "http://elsewhere"
