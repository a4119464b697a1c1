"""Files of the usual formats, read within bounds: tables, JSON, PDF, text; papers as headings and paragraphs."""

from engines.parts.files.blocks import Block, BlockDocument, LeftOut, word_count
from engines.parts.files.document_blocks import read_blocks
from engines.parts.files.documents import read_document
from engines.parts.files.hidden_instructions import instructions_in
from engines.parts.files.latex_blocks import inputs_of
from engines.parts.files.paper_parts import ABSTRACT, abstract_of, title_of, without_references
from engines.parts.files.quotations import Words, echoes, find_quotation, marked, shared_runs, words_of
from engines.parts.files.text_files import decoded
from engines.parts.files.text_pieces import SENTENCE, fitting_pieces

__all__ = [
    "ABSTRACT",
    "SENTENCE",
    "Block",
    "BlockDocument",
    "LeftOut",
    "Words",
    "abstract_of",
    "decoded",
    "echoes",
    "find_quotation",
    "fitting_pieces",
    "inputs_of",
    "instructions_in",
    "marked",
    "read_blocks",
    "read_document",
    "shared_runs",
    "title_of",
    "without_references",
    "word_count",
    "words_of",
]
