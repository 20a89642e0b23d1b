"""`sitmap decide`: a person says once what each doubtful name means. Every answer is kept at once."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.commands.options import folder_argument, quiet_option

if TYPE_CHECKING:
    from geo.decisions import Question
    from service.decisions import Queue
    from service.terminal import Terminal

__all__ = ["command"]

_HELP = "number, P-code or name; x leaves it out, Enter skips, q ends"


@click.command("decide")
@folder_argument
@click.option("--list", "only_list", is_flag=True, help="List what is open; ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="List what is open as JSON on stdout.")
@click.option("--by", default="", metavar="NAME", help="Who decides; kept with each answer.")
@quiet_option
def command(  # noqa: PLR0917 - one argument per option
    folder: Path, only_list: bool, as_json: bool, by: str, quiet: bool, no_progress: bool
) -> None:
    """Go through the names of FOLDER's tables that could not be placed.

    Answers go to decisions.csv in FOLDER and are replayed by every build. Exit code 1: some names
    are still open.
    """
    from service.decisions import open_queue, question_document
    from service.situation_file import load_situation
    from service.terminal import Terminal

    terminal = Terminal(quiet=quiet, progress=not no_progress)
    situation = load_situation(folder)
    with terminal.progress("Matching") as step:
        step("names", 0)
        queue = open_queue(situation)
    if as_json:
        terminal.data_json([question_document(each) for each in queue.questions])
    elif only_list:
        for question in queue.questions:
            click.echo("\n".join(_said(question)))
    left = len(queue.questions)
    if not as_json and not only_list:
        left -= _asked(queue, folder, by, terminal)
    terminal.note(_ending(left))
    if left:
        raise click.exceptions.Exit(1)


def _asked(queue: "Queue", folder: Path, by: str, terminal: "Terminal") -> int:
    """Ask about each name; return how many were decided."""
    from geo.decisions import LEAVE_OUT
    from service.decisions import keep, meant

    decided = 0
    total = len(queue.questions)
    if total:
        terminal.note(f"{total} names to decide: {_HELP}.")
    for number, question in enumerate(queue.questions, start=1):
        click.echo(f"\n[{number}/{total}]", err=True)
        click.echo("\n".join(_said(question)), err=True)
        while True:
            answer = _answer()
            if answer in ("", "q"):
                break
            code = meant(queue, question, answer)
            if code is None:
                click.echo(f"  {answer!r} is no place of the situation: {_HELP}.", err=True)
                continue
            today = dt.datetime.now(tz=dt.UTC).date().isoformat()
            keep(folder, question.decided(code, who=by, when=today))
            decided += 1
            said = "stays off the map" if code == LEAVE_OUT else f"is {code}"
            click.echo(f"  {question.place} {said}.", err=True)
            break
        if answer == "q":
            break
    return decided


def _answer() -> str:
    try:
        return str(click.prompt("  means", default="", show_default=False, err=True)).strip()
    except click.Abort:  # end of input
        return "q"


def _said(question: "Question") -> list[str]:
    within = f" in {question.parent}" if question.parent else ""
    rows = ", ".join(map(str, question.rows[:6])) + (", …" if len(question.rows) > 6 else "")
    many = "rows" if len(question.rows) > 1 else "row"
    lines = [f"{question.place}{within}  ({question.file}, {many} {rows})", f"  {question.why}"]
    lines += [
        f"  {number}  {each.said}" for number, each in enumerate(question.suggestions, start=1)
    ]
    return lines


def _ending(left: int) -> str:
    if not left:
        return "Every name is placed or decided."
    return f"{left} name{'s are' if left > 1 else ' is'} still open."
