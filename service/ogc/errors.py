"""What can go wrong under /ogc, beside what every route shares. Nothing repeats what was sent."""

from collections.abc import Sequence

from service.errors import ServiceError

__all__ = ["NotAcceptable", "UnknownCollection", "UnknownFeature", "UnknownTileMatrixSet"]


class UnknownCollection(ServiceError):
    """A collection that is not there. ``known`` are those there are."""

    code = "unknown-collection"

    def __init__(self, *, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(
            "there is no such collection; expected one that /ogc/collections lists. "
            f"There are {', '.join(known) or 'none'}."
        )


class UnknownFeature(ServiceError):
    """A feature that its collection does not have."""

    code = "unknown-feature"

    def __init__(self, *, collection: str) -> None:
        self.collection = collection
        super().__init__(
            f"collection {collection!r} has no such feature; expected an id that its items list. "
            "Ask for the items first."
        )


class UnknownTileMatrixSet(ServiceError):
    """A tile matrix set that no tileset is of, or tiles of a collection that has none."""

    code = "unknown-tile-matrix-set"

    def __init__(self, *, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(
            f"there are no such tiles; expected a tile matrix set of {', '.join(known) or 'none'}."
        )


class NotAcceptable(ServiceError):
    """A reader who takes none of the forms there are. ``known`` are their media types."""

    code = "not-acceptable"

    def __init__(self, *, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(
            f"none of the accepted media types is there; expected one of {', '.join(known)}. "
            "Leave the Accept header out, or ask with `f`."
        )
