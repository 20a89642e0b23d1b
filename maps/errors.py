"""What can go wrong with a map: it asks for figures that are not there, or would mislead."""

from boundaries.errors import SitmapError

__all__ = ["MapError", "NothingToDraw", "WouldMislead"]


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
