"""Which form an answer takes, and which parameters it knows. An unknown one is refused with 400.

`f` decides before the Accept header does; without either it is JSON.
"""

from collections.abc import Mapping, Sequence

from fastapi import Request

from service.conditional import NotModified, fresh_headers
from service.errors import BadParameter, UnknownParameter
from service.ogc.errors import NotAcceptable
from service.ogc.links import HTML, JSON

__all__ = ["PAGES", "chosen_form", "form_headers", "parameters", "whole_number"]

PAGES: Mapping[str, tuple[str, ...]] = {"json": (JSON,), "html": (HTML,)}
"""The forms of most resources, each with the media types that ask for it."""

_ANYTHING = ("*/*", "*")


def parameters(request: Request, known: Sequence[str]) -> dict[str, str]:
    """Return the query parameters; each may be given once.

    Raises `UnknownParameter` and `BadParameter`.
    """
    given = request.query_params.multi_items()
    if any(name not in known for name, _ in given):
        raise UnknownParameter(known=known)
    found: dict[str, str] = {}
    for name, value in given:
        if name in found:
            raise BadParameter(name, expected="one value")
        found[name] = value
    return found


def chosen_form(
    request: Request, asked: str | None, forms: Mapping[str, Sequence[str]] = PAGES
) -> str:
    """Return the form to answer in: what ``f`` asks for, else what Accept likes best.

    Of forms that are liked alike the first is taken. Raises `BadParameter`, `NotAcceptable`.
    """
    if asked is not None:
        if asked not in forms:
            raise BadParameter("f", expected="a form there is", known=list(forms))
        return asked
    accepted = _accepted(request.headers.get("accept", ""))
    if not accepted:
        return next(iter(forms))
    liked = {form: max(_liking(each, accepted) for each in types) for form, types in forms.items()}
    best = max(liked, key=lambda form: liked[form])  # max keeps the first of equals
    if liked[best] <= 0:
        raise NotAcceptable(known=[types[0] for types in forms.values()])
    return best


def form_headers(request: Request, form: str, *versions: str) -> dict[str, str]:
    """Return the caching headers of one form; raises `NotModified` where the reader has it."""
    try:
        headers = fresh_headers(request, form, *versions)
    except NotModified as known:
        _varies(known.headers)
        raise
    _varies(headers)
    return headers


def whole_number(name: str, text: str, *, at_least: int, digits: int = 9) -> int:
    """Read a parameter that counts; raises `BadParameter`. int() alone takes "1_0" and "+1"."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits and int(text) >= at_least):
        raise BadParameter(name, expected=f"a whole number from {at_least}")
    return int(text)


def _varies(headers: dict[str, str]) -> None:
    headers["Vary"] = ", ".join(filter(None, ("Accept", headers.get("Vary", ""))))


def _accepted(header: str) -> dict[str, float]:
    """Return what a reader takes, by media type and quality; a broken quality counts as 0."""
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        media, *rest = (piece.strip() for piece in part.split(";"))
        if media:
            marks = [piece[2:] for piece in rest if piece.startswith("q=")]
            found[media] = max(found.get(media, 0.0), _quality(marks[0]) if marks else 1.0)
    return found


def _quality(text: str) -> float:
    try:
        mark = float(text)
    except ValueError:
        return 0.0
    return mark if 0 <= mark <= 1 else 0.0


def _liking(offered: str, accepted: Mapping[str, float]) -> float:
    """Return the quality of one media type; the most exact of what was said about it counts."""
    plain = offered.partition(";")[0]
    for said in (plain, f"{plain.partition('/')[0]}/*", *_ANYTHING):
        if said in accepted:
            return accepted[said]
    return 0.0
