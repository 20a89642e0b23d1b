"""Pages for people: every text is escaped, every page brings its own strict policy."""

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from maps.messages import format_date, messages
from maps.spec import text_in
from service.page_assets import assets_digest
from service.version import sitmap_version

__all__ = ["PAGE_POLICY", "PagePolicy", "data_block", "page_answer", "render"]

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Of a page without scripts."""


@dataclass(frozen=True, slots=True)
class PagePolicy:
    """The policy of a page with scripts: those with this answer's nonce, and what they import.

    ``ancestors`` is who may frame the page, in the words of ``frame-ancestors``.
    """

    nonce: str
    ancestors: str

    @classmethod
    def fresh(cls, ancestors: str) -> "PagePolicy":
        """Return a policy with a nonce that no other answer has."""
        return cls(secrets.token_urlsafe(16), ancestors)

    def header(self) -> str:
        """Return the value of the header."""
        return (
            f"default-src 'none'; script-src 'nonce-{self.nonce}'; style-src 'self'; "
            "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
            f"base-uri 'none'; form-action 'self'; frame-ancestors {self.ancestors}"
        )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("service"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["in_english"] = lambda text: text_in(text, "en")
    environment.filters["in_language"] = text_in
    environment.filters["day_in"] = lambda day, lang: format_date(dt.date.fromisoformat(day), lang)
    environment.filters["group_in"] = lambda group, lang: messages(lang).group(group)
    environment.globals["version"] = sitmap_version()
    return environment


def render(template: str, **facts: Any) -> str:
    """Return a page."""
    return _templates().get_template(template).render(**facts)


def page_answer(template: str, policy: PagePolicy, **facts: Any) -> HTMLResponse:
    """Answer a page with scripts. It is never kept apart from its nonce: asked for anew each time."""
    page = render(template, nonce=policy.nonce, assets=f"/assets/{assets_digest()}", **facts)
    return HTMLResponse(
        page,
        headers={
            "Content-Security-Policy": policy.header(),
            "Cache-Control": "no-cache",
            "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
        },
    )


def data_block(value: object) -> Markup:
    """Return JSON for a script element that is no script; it cannot end the element."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return Markup(written)  # noqa: S704 - every character that means something in HTML is escaped
