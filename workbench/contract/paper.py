"""The publication a method comes from, and how it is cited."""

import re
from dataclasses import dataclass

MEETING = "Proceedings of the {ordinal} Annual Meeting of the Association for Computational Linguistics"
FINDINGS = "Findings of the Association for Computational Linguistics"
CONFERENCES = {
    "EMNLP": "Proceedings of the {year} Conference on Empirical Methods in Natural Language Processing",
    "SemEval": "Proceedings of the International Workshop on Semantic Evaluation ({year})",
    "ICLR": "International Conference on Learning Representations",
    "ICML": "International Conference on Machine Learning",
    "NeurIPS": "Advances in Neural Information Processing Systems",
    "AAAI": "Proceedings of the AAAI Conference on Artificial Intelligence",
}
JOURNALS = {
    "TACL": "Transactions of the Association for Computational Linguistics",
    "TMLR": "Transactions on Machine Learning Research",
    "JMLR": "Journal of Machine Learning Research",
}
FIRST_ACL = 1962
"""The ACL's 63rd annual meeting was that of 2025."""
PREPRINTS = ("arXiv", "")
SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
KEPT_CAPITALS = re.compile(r"\b(?:\w*[a-z0-9][A-Z]\w*|[A-Z]{2,}\w*)")


@dataclass(frozen=True)
class Paper:
    """The publication a method comes from.

    Attributes:
        authors: full names, separated by commas; "and others" at the end where not all are known.
        venue: short name ("ACL", "Findings of EMNLP", "arXiv").
        url: where it can be read.
        pages: first and last, "7552--7567"; "" where unknown.
    """

    title: str
    authors: str
    venue: str
    year: int
    url: str
    pages: str = ""

    @property
    def bibtex(self) -> str:
        """Return the BibTeX entry: its key is the first author's family name, the year and the title's first word."""
        kind, published = self._published()
        fields = {
            "title": KEPT_CAPITALS.sub(r"{\g<0>}", escaped(self.title)),
            "author": escaped(" and ".join(family_first(name) for name in self._names())),
            **published,
            "pages": self.pages,
            "year": str(self.year),
            "url": self.url,
        }
        lines = [f"  {name:<9} = {{{value}}}" for name, value in fields.items() if value]
        return f"@{kind}{{{self._key()},\n" + ",\n".join(lines) + "\n}\n"

    def _names(self) -> list[str]:
        return [name for name in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", self.authors) if name]

    def _key(self) -> str:
        family = family_first(self._names()[0]).split(",")[0]
        return "".join(re.findall(r"\w", f"{family}{self.year}{self.title.split()[0]}", re.ASCII)).lower()

    def _published(self) -> tuple[str, dict[str, str]]:
        """Return the entry's type and the field that says where."""
        venue, year = self.venue, self.year
        if venue in PREPRINTS:
            return "misc", {"note": venue and f"{venue} preprint"}
        if venue in JOURNALS:
            return "article", {"journal": JOURNALS[venue]}
        if venue == "ACL":
            return "inproceedings", {"booktitle": MEETING.format(ordinal=ordinal(year - FIRST_ACL))}
        if venue.startswith("Findings of "):
            of = venue.removeprefix("Findings of ")
            return "inproceedings", {
                "booktitle": f"Findings of the Association for Computational Linguistics: {of} {year}"
            }
        return "inproceedings", {"booktitle": CONFERENCES.get(venue, escaped(venue)).format(year=year)}


def family_first(name: str) -> str:
    """Return a name as BibTeX sorts it: "Angel X. Chang" as "Chang, Angel X."; particles belong to the family name."""
    words = name.split()
    if name == "others" or len(words) < 2:
        return name
    at = next((at for at, word in enumerate(words[1:-1], start=1) if word[0].islower()), len(words) - 1)
    return f"{' '.join(words[at:])}, {' '.join(words[:at])}"


def escaped(text: str) -> str:
    """Return the text with TeX's special characters escaped."""
    return re.sub(r"[\\~^&%$#_{}]", lambda found: SPECIAL.get(found[0], "\\" + found[0]), text)


def ordinal(number: int) -> str:
    """Return "63rd" for 63."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
