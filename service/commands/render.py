"""`sitmap render`: maps as files. Every file is drawn before the first is written."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import folder_argument, quiet_option, store_option
from service.drawing import DRAWN

if TYPE_CHECKING:
    from service.stores import Address

__all__ = ["command"]


@click.command("render")
@folder_argument
@click.option("--map", "maps", multiple=True, metavar="ID", help="Draw this map only; repeatable.")
@click.option(
    "--format",
    "formats",
    default=",".join(DRAWN),
    show_default=True,
    metavar="LIST",
    help="Formats, separated by commas.",
)
@click.option("--paper", metavar="NAME", help="A5, A4, A3, or with -portrait [default: the map's].")
@click.option(
    "--atlas",
    type=click.IntRange(0, 3),
    metavar="LEVEL",
    help="Draw a page for each unit of LEVEL (1: regions) instead of the whole map.",
)
@click.option("--lang", default="en", show_default=True, metavar="LIST", help="en, fr, es, ar.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the files go [default: out/ID].",
)
@store_option
@quiet_option
def command(
    *,
    folder: Path,
    maps: tuple[str, ...],
    formats: str,
    paper: str | None,
    atlas: int | None,
    lang: str,
    out: Path | None,
    store: "Address | None",
    quiet: bool,
    no_progress: bool,
) -> None:
    """Draw the maps of the situation in FOLDER, building first where it changed.

    Writes MAP.pdf, MAP.svg, MAP.png and MAP.html; in other languages than English MAP.fr.pdf
    and so on; for an atlas MAP-ML07.pdf and so on. With file_names = "ocha" in [imprint] they are
    called NUMBER_MAP_PAPER_YYYYMMDD instead.
    """
    wanted = _listed(formats, DRAWN, option="--format")
    languages = _listed(lang, _languages(), option="--lang")
    if paper is not None:
        _listed(paper, _papers(), option="--paper")

    from service.drawing import file_name, finish, page_picture, scenes_of
    from service.files import write_all
    from service.publishing import up_to_date
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    published = up_to_date(folder, store=store, terminal=terminal)
    specs = [published.map(name) for name in maps] or list(published.maps)
    target = out or Path("out") / published.released.situation
    contents: dict[Path, bytes] = {}
    with terminal.progress("Drawing") as step:
        for spec in specs:
            for language in languages:
                step(f"{spec.id} ({language})", 0)
                for unit, scene in scenes_of(published, spec.id, language, atlas):
                    svg = page_picture(scene, paper)
                    for form in wanted:
                        step(f"{spec.id} {unit} ({language}) {form}", 0)
                        name = file_name(spec, scene, form, paper=paper, unit=unit)
                        contents[target / name] = finish(scene, svg, form)
    write_all(contents)
    terminal.wrote(contents)
    if published.open:
        terminal.note(f"{published.open} finding(s) are open; the maps say so. See `sitmap check`.")
        raise click.exceptions.Exit(1)


def _listed(text: str, known: tuple[str, ...], *, option: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        raise click.UsageError(
            f"{option}: {', '.join(map(repr, unknown)) or 'nothing'} is not one of {', '.join(known)}."
        )
    return words


def _languages() -> tuple[str, ...]:
    from maps.spec import LANGUAGES

    return LANGUAGES


def _papers() -> tuple[str, ...]:
    from maps.spec import PAPERS

    return tuple(PAPERS)
