"""What tests of the parts share."""

import pytest


@pytest.fixture
def told_speeds(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Speeds measured in a test: of models that nobody else has, so the models' folder need not know them."""
    from engines.parts.generation import local_generation

    told: list[tuple] = []
    monkeypatch.setattr(local_generation, "keep_speed", lambda *facts: told.append(facts))
    return told
