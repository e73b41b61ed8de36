"""The names of dimensions as the command line takes them: `person` and `people` alike."""

from __future__ import annotations

from typing import Final

from searchkit.model import ENTITY_DIMENSIONS, METADATA_DIMENSIONS

#: The dimensions that every index has.
BUILT_IN: Final = (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)
#: The options of the entity dimensions, by dimension.
SINGULAR: Final = {"people": "person", "countries": "country", "weapons": "weapon"}
_PLURAL: Final = {singular: plural for plural, singular in SINGULAR.items()}


def dimension_name(name: str) -> str:
    """The dimension that `name` means, whatever its case."""
    folded = name.strip().casefold()
    return _PLURAL.get(folded, folded)
