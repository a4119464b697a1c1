from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from workbench.messages.translations import read_translations


def test_a_file_of_translations_is_read(tmp_path: Path):
    (tmp_path / "zh.po").write_text('msgid "Run"\nmsgstr "运行"\n')
    read = read_translations(tmp_path / "zh.po")
    assert (read.gettext("Run"), read.gettext("Stop")) == ("运行", "Stop")


def test_what_is_no_po_file_is_refused(tmp_path: Path):
    (tmp_path / "zh.po").write_text("<html>")
    with pytest.raises(PoFileError):
        read_translations(tmp_path / "zh.po")
