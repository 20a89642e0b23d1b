"""What can go wrong with a map: it asks for figures that are not there, or would mislead."""

from boundaries.errors import SitmapError

__all__ = ["MapError", "NothingToDraw", "TooManyFlows", "WouldMislead"]


class MapError(SitmapError):
    """A map cannot be drawn as asked."""

    code = "map-error"


class NothingToDraw(MapError):
    """A layer asks for figures that the situation does not have."""

    code = "nothing-to-draw"

    def __init__(self, *, map_id: str, layer: str, asked: str, there_is: str) -> None:
        self.map_id, self.layer, self.asked, self.there_is = map_id, layer, asked, there_is
        super().__init__(
            f"map {map_id!r}, layer {layer}: no figures for {asked}; there is {there_is}. "
            "Change the layer in situation.toml, or add the table."
        )


class WouldMislead(MapError):
    """The specification would draw something false."""

    code = "would-mislead"

    def __init__(self, *, map_id: str, layer: str, why: str, todo: str) -> None:
        self.map_id, self.layer, self.why, self.todo = map_id, layer, why, todo
        super().__init__(f"map {map_id!r}, layer {layer}: {why}. {todo}")


class TooManyFlows(MapError):
    """More flows than can be laid out, let alone told apart."""

    def __init__(
        self, count: int, *, most: int, suggested: int, share: float, minimum: float
    ) -> None:
        self.count, self.most, self.suggested = count, most, suggested
        self.share, self.minimum = share, minimum
        super().__init__(
            f"{count:,} flows cannot be told apart on one map; at most {most:,} are drawn. "
            f"The largest {suggested} carry {share:.0%} of the people: set minimum = {minimum:,.0f} "
            "in the layer, and the others are summed up in a note; or show a higher level."
        )
