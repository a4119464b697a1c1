"""How an interval around a number shows itself, in a figure and in source: error bars, filled bands, quantiles.

What is drawn or computed so and is no interval of an outcome says why: `meta={"no interval of an outcome": "..."}` on a
trace, `# no interval of an outcome: ...` on a line of source.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK = "no interval of an outcome"
LEAST_REASON = 20
"""Letters of a reason; fewer say nothing."""

TESTS = {
    "bootstrap", "binomtest", "chi2_contingency", "f_oneway", "fisher_exact", "mannwhitneyu", "mcnemar",
    "monte_carlo_test", "norm", "permutation_test", "sem", "t", "ttest_1samp", "ttest_ind", "ttest_rel", "wilcoxon",
}  # fmt: skip
"""Names of scipy.stats that give p values, quantiles or intervals; statistics alone (spearmanr) are not among them."""
ATTRIBUTES = {"ppf", "isf", "sem", "pvalue", "pvalues", "conf_int", "confidence_interval", "stderr"}
QUANTILES = {1.645, 1.96, 2.576, 2.58}
"""Quantiles of the normal distribution, typed in by hand."""
ARGUMENTS = {"error_x", "error_y", "error_z", "band"}


def drawn_intervals(figure: Any) -> list[str]:
    """Traces of a plotly figure with error bars or a filled band, by name and how."""
    found: list[str] = []
    for trace in figure.data:
        shown = trace.to_plotly_json()
        if len(str((shown.get("meta") or {}).get(MARK, ""))) >= LEAST_REASON:
            continue
        bars = [key for key in ("error_x", "error_y") if _has_length(shown.get(key) or {})]
        # A radar's outline is filled to tell shapes apart; it goes round values, not round one value.
        band = shown.get("fill", "none") != "none" and shown.get("type", "scatter") in ("scatter", "scattergl")
        found += [f"{shown.get('name', '')}: {how}" for how in [*bars, *(["fill"] if band else [])]]
    return found


def computed_intervals(path: Path) -> list[str]:
    """Lines of a module that compute or pass on an interval or a p value, but for those that say why they may."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    return [
        f"{path.name}:{line} {what}"
        for line, what in sorted(set(_suspicious(ast.parse(source))))
        if not _excused(lines[line - 1])
    ]


def _has_length(bars: dict[str, Any]) -> bool:
    return bars.get("visible", True) and any(bars.get(key) is not None for key in ("array", "arrayminus", "value"))


def _excused(line: str) -> bool:
    return len(line.partition(f"# {MARK}: ")[2].strip()) >= LEAST_REASON


def _suspicious(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] in ("scipy", "statsmodels"):
                banned = module.split(".")[0] == "statsmodels"
                yield from ((node.lineno, each.name) for each in names if banned or each.name in TESTS)
            case ast.Import(names=names):
                yield from ((node.lineno, each.name) for each in names if each.name.split(".")[0] == "statsmodels")
            case ast.Attribute(value=ast.Attribute(attr="stats") | ast.Name(id="stats"), attr=attr) if attr in TESTS:
                yield node.lineno, f"stats.{attr}"
            case ast.Attribute(attr=attr) if attr in ATTRIBUTES:
                yield node.lineno, f".{attr}"
            case ast.Constant(value=float(value)) if value in QUANTILES:
                yield node.lineno, f"{value}"
            case ast.keyword(arg=str(arg)) if arg in ARGUMENTS:
                yield node.value.lineno, f"{arg}="
