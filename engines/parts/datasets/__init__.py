"""Any data set as records: opened by name, file or hub id, its columns mapped and looked at."""

from engines.parts.datasets.column_mapping import (
    FieldMatch,
    MappingProposal,
    format_mapping,
    parse_mapping,
    propose_mapping,
)
from engines.parts.datasets.data_preview import DataPreview, preview
from engines.parts.datasets.data_statistics import ColumnStatistics
from engines.parts.datasets.datasets import SourceTable, parallel_sentences, path_of, sentence_table, source_table
from engines.parts.datasets.fixed_files import fixed_file
from engines.parts.datasets.records import SAMPLED, Kind, Records, flat_rows, read_records, records_of
from engines.parts.datasets.repetitions import Repetitions, data_warnings, repetitions_of

__all__ = [
    "SAMPLED",
    "ColumnStatistics",
    "DataPreview",
    "FieldMatch",
    "Kind",
    "MappingProposal",
    "Records",
    "Repetitions",
    "SourceTable",
    "data_warnings",
    "fixed_file",
    "flat_rows",
    "format_mapping",
    "parallel_sentences",
    "parse_mapping",
    "path_of",
    "preview",
    "propose_mapping",
    "read_records",
    "records_of",
    "repetitions_of",
    "sentence_table",
    "source_table",
]
