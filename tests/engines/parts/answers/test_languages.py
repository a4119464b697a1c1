import pytest

from engines.parts.answers.languages import is_foreign, latin_language, script_of

ENGLISH = "Mary had 14 apples and she gave 5 of them to her brother. How many apples are left in the basket?"


@pytest.mark.parametrize(
    "said",
    [
        "玛丽有十四个苹果,她把五个给了她的弟弟,所以篮子里还剩下九个苹果。",
        "У Марии осталось девять яблок, потому что она отдала пять.",
        "Elle a donné cinq pommes à son frère et il lui en reste neuf dans le panier, donc la réponse est neuf.",
        "Sie hat fünf Äpfel an den Bruder gegeben und es sind neun von den Äpfeln in dem Korb, das ist die Antwort.",
    ],
)
def test_another_language_is_seen(said):
    assert is_foreign(ENGLISH, said)


@pytest.mark.parametrize(
    "said", ["9", "14 - 5 = 9", "", "x", "The answer is 9.", "She has 14 - 5 = 9 apples left in the basket.", "Neuf."]
)
def test_numbers_short_texts_and_the_same_language_are_not_foreign(said):
    assert not is_foreign(ENGLISH, said)


def test_a_french_answer_to_a_french_question_is_at_home():
    asked = "Le boulanger a vendu les pains et il en reste neuf dans le panier. Combien de pains avait-il le matin?"
    assert not is_foreign(asked, "Il avait le matin les pains du panier et ceux que le boulanger a vendus dans la rue.")
    assert is_foreign(asked, ENGLISH)


def test_scripts_and_languages():
    assert (script_of("only letters here"), script_of("1 2 3"), script_of("это русский текст")) == (
        "LATIN", "", "CYRILLIC",
    )  # fmt: skip
    assert latin_language(ENGLISH) == "en" and latin_language("one two") == ""
