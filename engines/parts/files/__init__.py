"""Files of the usual formats, read within bounds: tables, JSON, PDF, text."""

from engines.parts.files.documents import read_document
from engines.parts.files.text_files import decoded

__all__ = ["decoded", "read_document"]
