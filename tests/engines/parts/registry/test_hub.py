import pytest

from engines.parts.registry.hub import MODEL_FILES, hub_snapshot, is_hub_id
from workbench.contract.errors import DataError, ModelError


@pytest.mark.parametrize(
    ("ref", "yes"),
    [
        ("HuggingFaceTB/SmolLM2-135M-Instruct", True),
        ("a/b.c_d-e", True),
        ("gpt2", False),
        ("a/b/c", False),
        ("../b", False),
        ("a/..", False),
        ("a/b..c", False),
        ("-a/b", False),
        ("a/--b", False),
        ("a/b\n", False),
        ("https://huggingface.co/a", False),
    ],
)
def test_what_looks_like_a_hub_id(ref, yes):
    assert is_hub_id(ref) == yes


@pytest.mark.parametrize(("kind", "refusal"), [("model", ModelError), ("dataset", DataError)])
def test_offline_and_uncached_is_said_with_a_remedy(kind, refusal, tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(refusal, match="hub cannot be reached") as caught:
        hub_snapshot("nobody/nothing-at-all", kind, MODEL_FILES)
    assert "bundled" in caught.value.hint


def test_a_cached_snapshot_is_used_offline(tmp_path, monkeypatch):
    from huggingface_hub import constants

    snapshot = tmp_path / "models--some--tiny" / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (tmp_path / "models--some--tiny" / "refs").mkdir()
    (tmp_path / "models--some--tiny" / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert hub_snapshot("some/tiny", "model", MODEL_FILES) == snapshot
