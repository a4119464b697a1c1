"""Files of the usual formats, read within bounds: tables, JSON, PDF, text; papers as headings and paragraphs."""

from engines.parts.files.blocks import Block, BlockDocument, LeftOut, word_count
from engines.parts.files.document_blocks import read_blocks
from engines.parts.files.documents import read_document
from engines.parts.files.latex_blocks import inputs_of
from engines.parts.files.plain_blocks import is_stamp
from engines.parts.files.text_files import decoded

__all__ = [
    "Block",
    "BlockDocument",
    "LeftOut",
    "decoded",
    "inputs_of",
    "is_stamp",
    "read_blocks",
    "read_document",
    "word_count",
]
