"""A data file in a few words at its field: how many rows and columns, how many of them can be used, what is wrong."""

from collections.abc import Sequence
from typing import Any

from workbench.messages import say, say_many
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.setup.mapping_dropdowns import Line, field_title

MOST_COLUMNS, MOST_BROKEN, MOST_NOTES = 12, 3, 3


def size_words(facts: Line, columns: Sequence[str], languages: Sequence[str] = ()) -> str:
    """Return "120 rows, 3 columns: question, answer, topic." of a file; of parallel text its languages."""
    rows = say_many("{n} row", "{n} rows", facts["rows"])
    if not facts["complete"]:
        rows = say("the first {rows} looked at", rows=rows)
    if languages:
        named = ", ".join(languages[:MOST_COLUMNS]) + (" …" if len(languages) > MOST_COLUMNS else "")
        many = say_many("{n} language", "{n} languages", len(languages))
        return say("{rows}, {columns}: {names}.", rows=rows, columns=many, names=named)
    names = ", ".join(columns[:MOST_COLUMNS]) + (" …" if len(columns) > MOST_COLUMNS else "")
    many = say_many("{n} column", "{n} columns", facts["columns"])
    return say("{rows}, {columns}: {names}.", rows=rows, columns=many, names=names)


def file_html(seen: dict[str, Sequence[Line]], notes: Sequence[str]) -> Html:
    """Return what the look into a file found, the good first.

    Args:
        seen: rows of the data preview, by table.
        notes: what it noted: rows that repeat each other, columns that were joined.
    """
    facts = seen["FileFacts"][0]
    languages = max((each["values"] for each in seen["FoundChoices"]), key=len, default=())
    lines: list[Html] = [tag("p", size_words(facts, [each["column"] for each in seen["ColumnFacts"]], languages))]
    missing = [field_title(each["field"]) for each in seen["ProposedField"] if each["required"] and not each["column"]]
    if missing:
        asked = say("Which column holds this: {fields}? Choose it below.", fields=", ".join(missing))
        lines.append(tag("p", asked, class_="bw-problem"))
    lines += [_usable(each) for each in seen["RecordFacts"]]
    lines += [_broken(each) for each in seen["BrokenRow"][:MOST_BROKEN]]
    lines += [tag("p", note, class_="bw-hint") for note in notes[:MOST_NOTES]]
    return tag("div", join(lines), class_="bw-file-told", role="status")


def _usable(facts: Line) -> Html:
    if not facts["broken"]:
        return tag("p", say("All of them can be used."), class_="bw-good")
    told = say_many("{n} row can be used, {broken} cannot.", "{n} rows can be used, {broken} cannot.", facts["usable"],
                    broken=f"{facts['broken']:,}")  # fmt: skip
    return tag("p", told, class_="bw-problem")


def _broken(row: dict[str, Any] | Line) -> Html:
    told = say("Line {line}: {what} {remedy}", line=f"{row['line']:,}", what=row["what"], remedy=row["remedy"])
    return tag("p", told, class_="bw-hint")
