"""Data preview: a look into a data file, its columns mapped to a record, its broken rows explained."""

from workbench.contract import Tool
from workbench.tool_questions.data_preview import (
    DATA_PREVIEW,
    BrokenRow,
    ColumnFacts,
    FileFacts,
    FoundChoices,
    Looking,
    PreviewRow,
    ProposedField,
    RecordChoice,
    RecordFacts,
)

TOOL = Tool(
    name=DATA_PREVIEW,
    title="Data preview",
    question=Looking,
    rows=(FileFacts, ColumnFacts, PreviewRow, RecordChoice, ProposedField, RecordFacts, BrokenRow, FoundChoices),
)
