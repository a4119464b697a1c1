import pytest

from engines.parts.catalogue.fetch import NEEDED_BY_DEMOS, fetch
from tests.engines.parts.fetched import require_fetched
from workbench.contract.errors import ConfigError


def test_an_unknown_name_is_refused_before_anything_is_fetched():
    with pytest.raises(ConfigError, match="'gpt-17' is not bundled; bundled are smollm2-135m-instruct"):
        fetch(["django-messages", "gpt-17"])


def test_what_is_there_is_not_fetched_again():
    require_fetched(*NEEDED_BY_DEMOS)
    heard = []
    folders = fetch(report=lambda *said: heard.append(said))
    assert all(folder.name.startswith(f"{name}-") for folder, name in zip(folders, NEEDED_BY_DEMOS, strict=True))
    assert heard == []


def test_names_asked_for_twice_are_fetched_once():
    require_fetched("django-messages")
    assert len(fetch(["django-messages", "django-messages"])) == 1
