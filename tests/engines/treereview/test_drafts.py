from engines.treereview.drafts import Grown, ReviewDraft, StageTokens


def test_the_tokens_of_a_review_are_those_of_its_stages():
    stages = {"a": StageTokens(calls=2, prompt_tokens=10, tokens=3), "b": StageTokens(prompt_tokens=5, tokens=1)}
    grown = Grown(review=ReviewDraft(), comments=[], leaves=[], stages=stages, forms={}, nodes=1)
    assert grown.tokens == 19
    assert Grown.model_validate_json(grown.model_dump_json()) == grown
