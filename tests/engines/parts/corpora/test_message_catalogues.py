import json
import zipfile

import pytest

from engines.parts.corpora.message_catalogues import LICENCE_MEMBER, clean_pair, letters, plain, write_messages
from workbench.contract.errors import DataError

FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Enter a valid value."
msgstr "Saisissez une valeur valide."

msgctxt "form"
msgid "Enter a valid value."
msgstr "Entrez une autre valeur."

#, fuzzy
msgid "A doubtful old translation."
msgstr "Une vieille traduction douteuse."

msgid "Hello %(name)s, how are you?"
msgstr "Bonjour %(name)s, comment allez-vous ?"

msgid "One thing was <b>found</b> here."
msgid_plural "Several things were <b>found</b> here."
msgstr[0] "Une chose a été <b>trouvée</b> ici."
msgstr[1] "Plusieurs choses ont été <b>trouvées</b> ici."

msgid "This stays in English here."
msgstr "This stays in English here."

msgid "Nobody has translated this."
msgstr ""

#~ msgid "An obsolete old message."
#~ msgstr "Un vieux message obsolète."
"""


@pytest.fixture
def wheel(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.whl", "w") as archive:
        archive.writestr("django/conf/locale/fr/LC_MESSAGES/django.po", FRENCH)
        archive.writestr("django/contrib/admin/locale/fr/LC_MESSAGES/djangojs.po", FRENCH.replace("form", "other"))
        archive.writestr(
            "django/conf/locale/id/LC_MESSAGES/django.po", 'msgid "Enter a valid value."\nmsgstr "Masukkan nilai."'
        )
        archive.writestr(
            "django/conf/locale/en/LC_MESSAGES/django.po", 'msgid "Enter a valid value."\nmsgstr "xxxxxx yyyy zzz"'
        )
        archive.writestr(
            "django/conf/locale/../../locale/de/LC_MESSAGES/django.po", 'msgid "Evil and evil and evil"\nmsgstr "Böse"'
        )
        archive.writestr(LICENCE_MEMBER, "Copyright")
    return tmp_path / "d.whl"


def test_messages_are_aligned_cleaned_and_never_repeated(wheel, tmp_path):
    heard = []
    write_messages(wheel, tmp_path, lambda *said: heard.append(said))
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert sorted((row["texts"]["en"], row["texts"].get("fr"), row["texts"].get("id")) for row in rows) == [
        ("Enter a valid value.", "Saisissez une valeur valide.", "Masukkan nilai."),
        ("Several things were found here.", "Plusieurs choses ont été trouvées ici.", None),
    ]
    assert all(row["id"].startswith(("conf#", "contrib.admin.js#")) for row in rows)
    assert (tmp_path / "LICENSE").read_text() == "Copyright"
    assert heard[0][1] == 0 and heard[-1][1] == heard[-1][2] == 4


def test_two_readings_give_the_same_bytes(wheel, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_messages(wheel, tmp_path / name)
    assert (tmp_path / "a" / "rows.jsonl").read_bytes() == (tmp_path / "b" / "rows.jsonl").read_bytes()


def test_a_wheel_without_its_licence_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.whl", "w") as archive:
        archive.writestr("django/x.py", "")
    with pytest.raises(DataError, match="no member"):
        write_messages(tmp_path / "d.whl", tmp_path)


@pytest.mark.parametrize(
    ("english", "translated", "clean"),
    [
        ("Save and continue", "Speichern und weiter", ("Save and continue", "Speichern und weiter")),
        ("Save\n and <em>continue</em>", "Speichern &amp; weiter", ("Save and continue", "Speichern & weiter")),
        ("Save it", "Speichern", ("", "")),
        ("a b c d e f", "Speichern und weiter", ("", "")),
        ("Save and continue", "SAVE AND CONTINUE", ("", "")),
        ("Save and continue", "保存", ("", "")),
        ("Save and continue", "保存して続行", ("Save and continue", "保存して続行")),
        ("Save {count} things now", "Speichern und weiter", ("", "")),
        ("Save and continue", "%d speichern", ("", "")),
        ("Put <meta name=x> in the head", "Bitte in den Kopf schreiben", ("", "")),
    ],
)
def test_what_counts_as_a_sentence_in_two_languages(english, translated, clean):
    assert clean_pair(english, translated) == clean


def test_letters_of_any_script_count():
    assert [letters(text) for text in ("", "a1 b!", "日本", "день", "שלום")] == [0, 2, 2, 4, 4]


def test_plain_text_has_single_spaces():
    assert plain(" a <a href='x'>b</a>\n&lt;c&gt; ") == "a b <c>"
