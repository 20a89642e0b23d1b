"""`sitmap editions`: what was published, what changed, and taking back. Figures are never rewritten."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import folder_argument, store_option

if TYPE_CHECKING:
    from geo.store import Edition, Store
    from service.stores import Address

__all__ = ["command"]

_ACTIONS = {"list": 0, "compare": 2, "diff": 2, "withdraw": 1, "restore": 1}


@click.command("editions")
@folder_argument
@click.argument("action", type=click.Choice(list(_ACTIONS)), default="list")
@click.argument("ids", nargs=-1, metavar="[ID]…")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def command(
    folder: Path, action: str, ids: tuple[str, ...], store: "Address | None", *, as_json: bool
) -> None:
    """List, compare, withdraw or restore published editions of the situation in FOLDER.

    \b
    list            what was published, the current edition marked
    compare A B     which figures and flows changed from edition A to B (also: diff)
    withdraw ID     show it no more; the one published before it becomes current
    restore ID      make it current again, withdrawn or not

    An ID is what `list` shows, or as many of its first characters as tell it apart. Whoever serves
    the store follows within a second.
    """
    from service.publishing import open_store, store_path
    from service.situation_file import load_situation

    if len(ids) != _ACTIONS[action]:
        raise click.UsageError(f"{action} takes {_ACTIONS[action]} edition ID(s), got {len(ids)}.")
    situation = load_situation(folder)
    path = store_path(situation, store)
    if action == "list":
        _list(path, situation.id, as_json=as_json)
        return
    reading = open_store(path)
    editions = [_named(reading, situation.id, each) for each in ids]
    if action in {"withdraw", "restore"}:
        _decide(path, editions[0], action, as_json=as_json)
    else:
        _compare(reading, editions, path, as_json=as_json)


def _list(path: "Address", situation: str, *, as_json: bool) -> None:
    from geo.errors import UnknownSituation
    from service.publishing import open_store
    from service.report import edition_document
    from service.stores import is_there
    from service.terminal import Terminal

    editions: list[Edition] = []
    current = ""
    if is_there(path):
        opened = open_store(path)
        try:
            editions = list(opened.editions(situation))
            current = opened.current(situation).id
        except UnknownSituation:
            pass  # nothing published yet, or everything withdrawn
    documents = [edition_document(e) | {"current": e.id == current} for e in editions]
    if as_json:
        Terminal().data_json(documents)
    else:
        Terminal().editions(situation, documents)


def _named(store: "Store", situation: str, name: str) -> "Edition":
    """Return the edition of an id, or of its first characters; raises `UnknownEdition`."""
    from geo.errors import UnknownEdition

    there = store.editions(situation)
    found = [edition for edition in there if name and edition.id.startswith(name)]
    if len(found) != 1:
        raise UnknownEdition(name, known=[edition.id for edition in there])
    return found[0]


def _decide(path: "Address", edition: "Edition", action: str, *, as_json: bool) -> None:
    from service.report import edition_document
    from service.stores import open_to_write
    from service.terminal import Terminal

    writing = open_to_write(path)
    if action == "withdraw":
        now = writing.withdraw(edition.id)
        told = f"edition {edition.id} is withdrawn"
    else:
        now = writing.restore(edition.id)
        told = f"edition {edition.id} is restored"
    if as_json:
        Terminal().data_json({"current": edition_document(now) if now else None})
    else:
        shown = f"{now.id} is current" if now else "nothing is shown of this situation any more"
        click.echo(f"{told}; {shown}")


def _compare(store: "Store", editions: list["Edition"], path: "Address", *, as_json: bool) -> None:
    from geo.edition_changes import compare_editions
    from service.published import Published, specs_from_json
    from service.stores import home_of
    from service.terminal import Terminal
    from service.terminal_editions import changes_document, show_changes

    specs = [store.specs(edition.id, withdrawn=True) for edition in editions]
    before, after = (
        Published(
            edition, store.read(edition.id, withdrawn=True), *specs_from_json(said), home_of(path)
        )
        for edition, said in zip(editions, specs, strict=True)
    )
    changes = compare_editions(
        before.released, after.released, specs_before=specs[0], specs_after=specs[1]
    )
    document = changes_document(changes, before, after)
    if as_json:
        Terminal().data_json(document)
    else:
        show_changes(document)
