"""What a method's setting says of the data that it names: the record of a row, and which choices lie in the data."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from engines.parts.datasets import Records, sentence_table
from engines.parts.records import Record
from workbench.contract import ConfigError, Setting, installed, settings_of
from workbench.tool_questions.data_preview import FoundChoices

MOST_CHOICES = 400


def method_settings(named: str) -> tuple[Setting, tuple[Setting, ...]]:
    """Return the setting that METHOD.SETTING names, and those of the method whose values lie in its data.

    Raises:
        ConfigError: no such method, or no such setting of data.
    """
    method, _, name = named.partition(".")
    engine = installed().engines.get(method)
    settings = settings_of(engine.config) if engine else ()
    found = next((setting for setting in settings if setting.name == name and setting.kind == "data"), None)
    if found is None:
        raise ConfigError({"setting": f"{named[:80]!r} is no setting of a method that names data."})
    return found, tuple(each for each in settings if each.choices_of and each.choices_of.data == name)


def record_kinds_of(setting: Setting) -> Mapping[str, type[Record]]:
    """Return the record that rows are read as, by what it is called in words; empty where rows are not read one by one.

    The class is named by the method's own card (`DataKind.rows`), never by who asks.
    """
    module, _, name = setting.rows.partition(":")
    return {setting.role: getattr(import_module(module), name)} if setting.rows else {}


def languages_of(ref: str, followers: tuple[Setting, ...]) -> Iterator[FoundChoices]:
    """Yield the languages of the data, those with most sentences first, for each setting that is chosen among them.

    Raises:
        DataError: the data has fewer than two languages.
    """
    asking = [each for each in followers if each.choices_of and not each.choices_of.of]
    languages = tuple(sentence_table(ref).counts())[:MOST_CHOICES] if asking else ()
    for each in asking:
        yield FoundChoices(setting=each.name, values=languages)


def values_of(records: Records[Record], followers: tuple[Setting, ...]) -> Iterator[FoundChoices]:
    """Yield the distinct values of the field that each setting is chosen from, in the order of the rows."""
    for each in followers:
        if each.choices_of and each.choices_of.of:
            texts = (str(getattr(row, each.choices_of.of, "") or "") for row in records.rows)
            yield FoundChoices(setting=each.name, values=tuple(dict.fromkeys(filter(None, texts)))[:MOST_CHOICES])
