"""The command `sitmap`. Data goes to stdout, notes and progress to stderr; bad input ends in one sentence.

Exit codes: 0 done; 1 done, but something is open; 2 bad input or usage; 3 store unavailable;
70 a fault of the program (set SITMAP_DEBUG=1 to see where).
Commands live in `service.commands`, one module each, imported when they are called, so that
`sitmap --version` does not load a geometry library.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from boundaries.errors import SitmapError

__all__ = ["main"]

_COMMANDS = {
    "new": ("service.commands.new", "Start a situation from spreadsheets."),
    "example": ("service.commands.example", "Copy a packaged example into FOLDER."),
    "build": (
        "service.commands.build",
        "Read, match, join, check, release and publish a situation.",
    ),
    "check": ("service.commands.check", "Say what does not add up; publish nothing."),
    "decide": ("service.commands.decide", "Say what names mean that could not be placed."),
    "render": ("service.commands.render", "Draw a situation's maps."),
    "lint": ("service.commands.lint", "Check the maps: what misleads, and how to mend it."),
    "counts": ("service.commands.counts", "Print counts per region."),
    "editions": ("service.commands.editions", "Show what was published."),
    "boundaries": ("service.commands.boundaries", "Show boundary vintages and their units."),
    "assign": ("service.commands.assign", "Sum points, or movements between points, to units."),
    "population": ("service.commands.population", "Sum a population grid to units."),
    "density": ("service.commands.density", "Write points as a grid of persons per km²."),
    "raster": ("service.commands.raster", "Put a population grid under a situation's maps."),
    "serve": ("service.commands.serve", "Serve maps, tiles and counts over HTTP."),
    "doctor": ("service.commands.doctor", "Check this installation."),
}


_FAULT = 70  # EX_SOFTWARE of sysexits.h


class _OneSentence(click.Group):
    """A group that imports a command when it is called, and ends bad input in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from service.errors import closest

            hint = closest(args[0], list(_COMMANDS))
            ctx.fail(
                f"no such command {args[0]!r}."
                + (f" Did you mean {hint!r}?" if hint else f" Known are {', '.join(_COMMANDS)}.")
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SitmapError as error:
            from service.errors import exit_code

            click.echo(f"sitmap: {' '.join(str(error).split())}", err=True)
            ctx.exit(exit_code(error))
        except BrokenPipeError:  # the reader (head, less) has seen enough
            sys.stderr.close()
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("SITMAP_DEBUG"):
                raise
            click.echo(
                f"sitmap: a fault of the program ({type(error).__name__}), not of your input. "
                "Set SITMAP_DEBUG=1, run it again, and report what it prints.",
                err=True,
            )
            ctx.exit(_FAULT)


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from service.version import sitmap_version

        click.echo(f"sitmap {sitmap_version()}")
        ctx.exit()


@click.group(
    cls=_OneSentence,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="A situation is a folder with a situation.toml. Start with: "
    "sitmap example mali-2017 my-situation",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and stop.",
)
def main() -> None:
    """Situation maps of displacement: on paper, in the browser, as tiles, and as counts."""


def run(arguments: Sequence[str] | None = None) -> None:  # pragma: no cover - for `python -m`
    """Run the command line with ``arguments`` (default: those of the process)."""
    main(args=None if arguments is None else list(arguments))


if __name__ == "__main__":  # pragma: no cover
    run()
