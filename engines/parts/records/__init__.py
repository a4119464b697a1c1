"""Typed records: kinds, cell values, errors by row, splits that part no group."""

from engines.parts.records.cell_values import shown
from engines.parts.records.question_records import WHOLE_PROMPT, Passage, Prompt, Question
from engines.parts.records.record_types import AlsoNamed, JoinedWith, LooksLike, Record, described_type
from engines.parts.records.row_errors import RowError
from engines.parts.records.splits import lot

__all__ = [
    "WHOLE_PROMPT",
    "AlsoNamed",
    "JoinedWith",
    "LooksLike",
    "Passage",
    "Prompt",
    "Question",
    "Record",
    "RowError",
    "described_type",
    "lot",
    "shown",
]
