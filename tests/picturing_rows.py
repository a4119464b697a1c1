"""Rows of the toy that has every kind of view, without a run."""

import pandas as pd

from tests.rooms.picturing import HOSTILE, PICTURING, Place
from workbench.contract.views import Tables

VIEWS = {view.name: view for view in PICTURING.views}


def tables_with(layers: int = 6, languages: tuple[str, ...] = ("de", "fr")) -> Tables:
    """One row for each layer and language."""
    rows = [
        Place(arm="walk", seed=0, language=language, layer=layer, x=layer, y=-layer, sentence=HOSTILE).model_dump()
        for layer in range(layers)
        for language in languages
    ]
    frame = pd.DataFrame(rows, columns=list(Place.model_fields))
    return Tables(lambda kind: frame if kind is Place else pd.DataFrame(columns=list(kind.model_fields)), [Place])
