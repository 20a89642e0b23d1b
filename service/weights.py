"""Lists of preferences in request headers (RFC 9110, 12.5): the most wanted first, junk left out."""

from functools import lru_cache

__all__ = ["coding_of", "weighted"]

_LONGEST = 1000  # characters read of a header; nobody needs more


def weighted(header: str) -> list[tuple[str, float]]:
    """Return what a header lists in lower case with its weight (0 to 1), by weight, then by place.

    >>> weighted("gzip;q=0.5, br, junk;q=x")
    [('br', 1.0), ('gzip', 0.5)]
    """
    found = []
    for part in header[:_LONGEST].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = _weight(parameters)
        if name and weight is not None:
            found.append((name, weight))
    return sorted(found, key=lambda each: -each[1])


def _weight(parameters: list[str]) -> float | None:
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(text)
            except ValueError:
                return None
            return weight if 0 <= weight <= 1 else None
    return 1.0


@lru_cache(maxsize=256)
def coding_of(accepted: str, offered: tuple[str, ...] = ("br", "gzip")) -> str:
    """Return the content coding for an ``Accept-Encoding``: the first offered of the most wanted.

    >>> coding_of("gzip, deflate, br"), coding_of("gzip, br;q=0"), coding_of(""), coding_of("*")
    ('br', 'gzip', 'identity', 'br')
    """
    weights = dict(reversed(weighted(accepted)))
    anything = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    best = max(offered, key=lambda coding: weights.get(coding, anything))  # the first of equals
    wanted = weights.get(best, anything)
    return best if wanted > 0 and wanted >= plain else "identity"
