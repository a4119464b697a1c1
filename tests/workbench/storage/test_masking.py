"""Masking: secrets disappear, plain text stays."""

import pytest

from workbench.storage.masking import masked


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678",
        "hf_abcdefghijklmnopqrstuvwx",
        "OPENAI_API_KEY='sk-abcdefghijklmnopqrstu'",
        "https://user:s3cretpass@example.org/x",
        '{"password": "s3cretpass"}',
        "token=abcdefgh12345678",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    shown = masked(text)
    assert "***" in shown
    for secret in ("abcdefgh", "s3cretpass", "sk-abc"):
        assert secret not in shown


def test_values_of_secret_variables_are_masked_and_plain_text_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHWRIGHT_KEY_LAB", "plain-looking")
    assert masked("with plain-looking inside") == "with *** inside"
    plain = "412 tokens: 3.5 s; keys: a, b; the token is here"
    assert masked(plain) == plain
