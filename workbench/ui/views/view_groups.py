"""How the views of a run are arranged: headlines first, the others by group, tables behind the pictures of their group.

Also what is said of them as a whole: which have no rows, and the list that leads to each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.contract.claims import Claim
from workbench.contract.engine import Engine
from workbench.contract.views import Listing
from workbench.figures.measures import Drawable
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html, tag

UNGROUPED = noted("More pictures")
HEADLINES, VERDICT = noted("Headlines"), noted("Verdict")
TABLES = "{group}/tables"
"""Name of the fold of a group's tables."""
LONGEST_CLAIM = 90


@dataclass(frozen=True)
class Fold:
    """Views that are drawn once their fold is opened.

    Attributes:
        name: unique in the run's views.
        title: with the titles of what is inside.
        members: drawn in the fold itself.
        tables: in a fold of their own within it.
    """

    name: str
    title: str
    members: tuple[Drawable, ...]
    tables: "Fold | None" = None


def arranged(views: Sequence[Drawable], engine: Engine) -> tuple[list[Drawable], dict[str, list[Drawable]]]:
    """Part views into those of the headline claims, one a claim, and the others by group in the card's order.

    A card whose views name no headline claim begins with its first view.
    """
    headlines = [claim.name for claim in engine.claims if claim.headline]
    first = [next((view for view in views if view.claim == name), None) for name in headlines]
    chosen = [view for view in first if view is not None] or list(views[:1])
    groups: dict[str, list[Drawable]] = {}
    for view in views:
        if view not in chosen:
            groups.setdefault(view.group or UNGROUPED, []).append(view)
    return chosen, groups


def folded(group: str, members: Sequence[Drawable]) -> Fold:
    """Put a group's tables behind its pictures; a group that has only tables, or only one, shows them at once."""
    pictures = tuple(view for view in members if not isinstance(view, Listing))
    tables = tuple(view for view in members if isinstance(view, Listing))
    named = say(group)
    if not pictures or not tables:
        return Fold(group, _with_titles(named, members), tuple(members))
    behind = Fold(TABLES.format(group=group), _with_titles(say("Tables"), tables), tables)
    return Fold(group, _with_titles(named, pictures), pictures, behind)


def missing_html(titles: Sequence[str], live: bool) -> Html:
    """Return which views have no rows, in one line; nothing where all have."""
    if not titles:
        return Html("")
    named = ", ".join(titles)
    told = say("Still to come: {titles}.", titles=named) if live else say("No rows here for: {titles}.", titles=named)
    return tag("p", told, class_="bw-hint")


def jump_html(views: Mapping[str, Iterable[Drawable]], claims: Sequence[Claim]) -> Html:
    """Return a list that leads to every view that has rows, by group, and to every claim; see assets/address.js.

    Args:
        views: by the name of their group; those of `VERDICT` lie beside the verdict.
        claims: of the method, none while the run has no verdict.
    """
    groups = []
    for group, members in views.items():
        there = "&tab=verdict" if group == VERDICT else ""
        named = [tag("option", say(view.title), value=f"view={view.name}{there}") for view in members]
        groups.append(tag("optgroup", *named, label=say(group)))
    if claims:
        named = [tag("option", _cut(say(claim.sentence)), value=f"claim={claim.name}&tab=verdict") for claim in claims]
        groups.append(tag("optgroup", *named, label=say("Claims")))
    first = tag("option", say("Jump to …"), value="")
    return tag("select", first, *groups, class_="bw-jump", aria_label=say("Jump to a picture or a claim"))


def _with_titles(name: str, members: Sequence[Drawable]) -> str:
    """A name with the titles under it, without what they repeat: "Router: Choices by topic, Pairs in order"."""
    said = [say(view.title) for view in members]
    titles = [title.partition(": ")[2] or title for title in said]
    return f"{name}: {', '.join(titles)}"


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST_CLAIM else f"{sentence[: LONGEST_CLAIM - 1]}…"
