"""Where a comparison leads: the same two lanes at another step, other views, a lane by itself."""

from collections.abc import Callable
from dataclasses import dataclass

from .lanes import Lane, Shared, compare_address
from .links import Links
from .root import rooted
from .state import as_texts

PATH = "/compare"
# The fields that the buttons of the tape and the desks change, one each.
PICKED = ("t", "unit")


@dataclass(frozen=True)
class BesideLinks:
    """The addresses around two lanes, a and b, and what they share."""

    lanes: tuple[Lane, Lane]
    shared: Shared

    pickers = PICKED

    @property
    def path(self) -> str:
        """The page's path, without the query."""
        return rooted(PATH)

    @property
    def canonical(self) -> str:
        """The address of the comparison as it is."""
        return self.at()

    def at(self, **changes: object) -> str:
        """The address of the same comparison, some shared fields changed."""
        return self._address(self.lanes, **changes)

    @property
    def to(self) -> Callable[[int], str]:
        """The address of the same comparison at a step."""
        return lambda t: self.at(t=t)

    @property
    def swapped(self) -> str:
        """The same with the lanes changed over."""
        return self._address((self.lanes[1], self.lanes[0]))

    def freeing(self, place: int) -> str:
        """The same with nothing held in lane A (0) or B (1)."""
        a, b = (lane.free if n == place else lane for n, lane in enumerate(self.lanes))
        return self._address((a, b))

    def looking(self, place: int, **changes: object) -> str:
        """The same with another layer looked at in lane A (0) or B (1)."""
        lanes = list(self.lanes)
        lanes[place] = Lane(lanes[place].model_id, lanes[place].state.having(**changes))
        return self._address((lanes[0], lanes[1]))

    def fields(self, *left_out: str) -> dict[str, str]:
        """The address's fields as a form's hidden inputs, but for those that it sets itself."""
        shared = self.shared.model_dump(exclude_none=True)
        fields = as_texts({"a": self.lanes[0].text, "b": self.lanes[1].text, **shared})
        return {name: text for name, text in fields.items() if name not in left_out}

    def _address(self, lanes: tuple[Lane, Lane], **changes: object) -> str:
        shared = self.shared.model_copy(update=changes).model_dump(exclude_none=True)
        return compare_address(lanes[0].text, lanes[1].text, shared)


@dataclass(frozen=True)
class LaneLinks(Links):
    """Where a lane leads: within the comparison for what both share, else to the lane by itself."""

    beside: BesideLinks | None = None
    place: int = 0

    def at(self, **changes: object) -> str:
        """The comparison with some shared fields, or this lane's layer, changed; or the lane by
        itself with others."""
        if self.beside and changes and changes.keys() <= Shared.model_fields.keys():
            return self.beside.at(**changes)
        if self.beside and changes.keys() == {"layer"}:
            return self.beside.looking(self.place, **changes)
        return super().at(**changes)

    @property
    def free(self) -> str:
        """The comparison with nothing held in this lane."""
        return self.beside.freeing(self.place) if self.beside else super().free
