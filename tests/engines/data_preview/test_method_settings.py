"""A data file as a method's own setting reads it: its record, its columns, the choices that lie in it."""

import pytest

from engines.data_preview import TOOL
from engines.data_preview.method_settings import method_settings, record_kinds_of
from engines.parts.records import Record
from tests.engines.worked_tools import worked
from workbench.contract import ConfigError, installed, settings_of
from workbench.contract.errors import DataError
from workbench.storage.home import place
from workbench.tool_questions.data_preview import FileFacts, FoundChoices, ProposedField, RecordFacts

DATA = [
    f"{engine.name}.{setting.name}"
    for engine in installed().engines.values()
    for setting in settings_of(engine.config)
    if setting.kind == "data"
]


@pytest.fixture(autouse=True)
def _own_home(fresh_home):
    pass


def look(tmp_path, name, text, **asked):
    (place("uploads") / name).write_text(text, encoding="utf-8")
    return worked(TOOL, {"data": f"upload:{name}", **asked}, tmp_path)


@pytest.mark.parametrize("named", DATA)
def test_every_setting_of_data_names_a_record_and_a_mapping_that_exist(named):
    setting, followers = method_settings(named)
    kinds = record_kinds_of(setting)
    assert all(issubclass(kind, Record) for kind in kinds.values())
    config = installed().engines[named.partition(".")[0]].config
    assert not setting.columns or (kinds and setting.columns in config.model_fields)
    assert all(each.choices_of and each.choices_of.data == setting.name for each in followers)


@pytest.mark.parametrize("named", ["", "sure", "sure.reader", "os.system", "sure.data:x", "../x.data"])
def test_only_a_methods_own_setting_of_data_can_be_named(named):
    with pytest.raises(ConfigError):
        method_settings(named)


def test_a_semicolon_file_is_read_as_the_method_reads_it(tmp_path):
    text = "Frage;Antwort;Text\nWie weit?;9;Es sind 9 km.\nWer?;Ada;Ada war es.\n"
    said = look(tmp_path, "a.csv", text, setting="sure.data")
    assert (said.rows(FileFacts)[0]["rows"], said.rows(FileFacts)[0]["columns"]) == (2, 3)
    assert {"question", "passage", "answers"} <= {row["field"] for row in said.rows(ProposedField)}
    mapping = ["question=Frage", "answers=Antwort", "passage=Text"]
    (facts,) = look(tmp_path / "2", "a.csv", text, setting="sure.data", mapping=mapping).rows(RecordFacts)
    assert (facts["usable"], facts["broken"]) == (2, 0) and "question=Frage" in facts["setting"]


def test_languages_of_the_file_become_the_choices(tmp_path):
    text = "en,fr,no,year\nGood morning,Bonjour à tous,God morgen,1\nThank you,Merci bien,Tusen takk,2\n"
    said = look(tmp_path, "p.csv", text, setting="shifcon.data")
    found = {row["setting"]: set(row["values"]) for row in said.rows(FoundChoices)}
    assert found == {"dominant": {"en", "fr", "no"}, "languages": {"en", "fr", "no"}}
    with pytest.raises(DataError, match="language columns"):
        look(tmp_path / "2", "q.csv", "question,answer\na b,c\n", setting="shifcon.data")
