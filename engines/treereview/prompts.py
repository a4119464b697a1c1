"""The prompts, from one readable file: a template under each heading, filled in a single pass.

Design decisions:
- The file is what the form shows and what a reader may change; names in double braces are filled, everything else is
  said as it stands. What is filled in is never read as a template again, so that no paper can fill a place.
- A place that a prompt cannot do without must be there; an unknown one is refused by name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from engines.parts.completions import Prompt, chat
from workbench.contract import ConfigError

NEEDED: Mapping[str, frozenset[str]] = {
    "system": frozenset(),
    "sub-questions": frozenset({"title", "question", "most"}),
    "leaf": frozenset({"question", "passages"}),
    "inner": frozenset({"question", "answers", "most"}),
    "inner that must answer": frozenset({"question", "answers"}),
    "review": frozenset({"paper", "answers"}),
    "comments": frozenset({"paper", "answers"}),
    "judge": frozenset({"review"}),
}
EXTRA = {"sub-questions": {"abstract", "contents", "depth"}, "judge": {"abstract"}}
ALLOWED: Mapping[str, frozenset[str]] = {
    name: needed | {"title"} | EXTRA.get(name, set()) for name, needed in NEEDED.items()
}
HEADING = re.compile(r"^## (.+?)\s*$", re.M)
PLACE = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PromptSet:
    """A template for each kind of work."""

    templates: Mapping[str, str]

    def fill(self, name: str, **values: str) -> Prompt:
        """The prompt of that name with its places filled; the system turn comes first where there is one."""
        said = PLACE.sub(lambda found: values[found[1]], self.templates[name])
        return chat(said.strip(), self.templates["system"].strip())


@cache
def shipped_text(style: Literal["complete", "short"]) -> str:
    """The text of a shipped file of prompts."""
    return (FOLDER / f"prompts_{style}.md").read_text("utf-8")


def prompt_set(text: str = "") -> PromptSet:
    """The prompts of a text like the shipped ones; sections that it lacks are the complete ones.

    Raises:
        ConfigError: an unknown section or place, or a needed place that is missing.
    """
    templates = read_templates(shipped_text("complete")) | read_templates(text)
    _check(templates)
    return PromptSet(templates)


def read_templates(text: str) -> dict[str, str]:
    """Templates by the headings (`## name`) they stand under; what precedes the first heading is a remark."""
    parts = HEADING.split(text)
    return {name.strip(): body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _check(templates: Mapping[str, str]) -> None:
    problems = [f"{name!r} is no prompt of this method" for name in templates if name not in NEEDED]
    for name in (name for name in templates if name in NEEDED):
        places = set(PLACE.findall(templates[name]))
        problems += [f"{name} does not say {{{{{place}}}}}" for place in sorted(NEEDED[name] - places)]
        problems += [f"{name} knows no {{{{{place}}}}}" for place in sorted(places - ALLOWED[name])]
    if problems:
        known = ", ".join(NEEDED)
        raise ConfigError(
            {"prompts": "; ".join(problems) + "."},
            f"Write each template under a line '## name'; the names are {known}.",
        )
