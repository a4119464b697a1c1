"""The list of data sets as HTML: what their rows hold, how many there are, and whom to credit."""

from collections.abc import Sequence
from html import escape

from workbench.contract.catalogue import DataLine
from workbench.formatting import size
from workbench.ui.elements.markup import text


def data_table(lines: Sequence[DataLine]) -> str:
    """The data sets, one a row, each with a button to look into it; `model_table.SCRIPT` tells what was pressed."""
    if not lines:
        return '<p class="bw-empty" role="status">No data yet. Upload a file, or run benchwright fetch.</p>'
    rows = "".join(_row(line) for line in lines)
    caption = '<caption class="bw-hidden">Data sets</caption>'
    return f'<table class="bw-list">{caption}{_HEAD}<tbody>{rows}</tbody></table>'


def _row(line: DataLine) -> str:
    ref = f"<code>{text(line.ref, 300)}</code>" if line.ref != line.name else ""
    credit = f'<span class="bw-note">{text(line.credit, 400)}</span>' if line.credit else ""
    label = escape(f"Look into {line.name[:200]}", quote=True)
    button = (
        f'<button type="button" class="bw-small" data-act="look" data-ref="{escape(line.ref, quote=True)}" '
        f'aria-label="{label}">Look</button>'
    )
    return (
        f'<tr><th scope="row"><strong>{text(line.name, 120)}</strong><span class="bw-sub">{ref}</span>{credit}</th>'
        f"{_cell('Rows hold', text(line.record, 120) if line.record else 'not looked into yet')}"
        f"{_cell('Rows', f'{line.rows:,}' if line.rows is not None else 'not counted yet')}"
        f"{_cell('Size', _size(line))}{_cell('', button)}</tr>"
    )


def _size(line: DataLine) -> str:
    if not line.ready:
        return "fetched at first use"
    return "–" if line.disk_bytes is None else size(line.disk_bytes)


def _cell(name: str, content: str) -> str:
    return f'<td data-label="{name}">{content}</td>'


_HEAD = (
    '<thead><tr><th scope="col">Data</th><th scope="col">Rows hold</th><th scope="col">Rows</th>'
    '<th scope="col">Size</th><td><span class="bw-hidden">Actions</span></td></tr></thead>'
)
