"""What the publisher puts on the map, in its language: numbers, contact, and reasons for departures."""

from maps.messages import Messages
from maps.spec import MapSpec, text_in

__all__ = ["imprint_contact", "imprint_reference", "override_notes", "overrides_in"]


def imprint_reference(
    spec: MapSpec, say: Messages, *, page: int | None = None, pages: int | None = None
) -> str:
    """Return map number, GLIDE number and page of an atlas, as far as there are any.

    >>> from maps.imprint import Imprint
    >>> from maps.messages import messages
    >>> spec = MapSpec("m", {}, (), imprint=Imprint(number="XAA-3", glide="CE-2012-000076-MLI"))
    >>> imprint_reference(spec, messages("en"), page=2, pages=9)
    'Map XAA-3 – GLIDE CE-2012-000076-MLI – page 2 of 9'
    """
    parts = []
    if spec.imprint.number:
        parts.append(say.say("imprint.number", number=spec.imprint.number))
    if spec.imprint.glide:
        parts.append(say.say("imprint.glide", glide=spec.imprint.glide))
    if page is not None and pages is not None:
        parts.append(say.say("imprint.page", page=say.number(page), pages=say.number(pages)))
    return " – ".join(parts)


def imprint_contact(spec: MapSpec, say: Messages) -> str:
    """Return whom to write to, "" where the publisher does not say."""
    return text_in(spec.imprint.contact, say.lang)


def overrides_in(spec: MapSpec, say: Messages) -> tuple[tuple[str, str], ...]:
    """Return (rule, why) of each departure from the checklist."""
    return tuple((each.rule, text_in(each.why, say.lang)) for each in spec.overrides)


def override_notes(spec: MapSpec, say: Messages) -> tuple[str, ...]:
    """Return a footnote for each departure: who departs says so on the map."""
    return tuple(
        say.say("note.override", rule=rule, why=why) for rule, why in overrides_in(spec, say)
    )
