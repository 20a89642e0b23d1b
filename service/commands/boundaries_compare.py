"""`sitmap boundaries compare` and `gazetteer`: what changed between two vintages; the names of one."""

from pathlib import Path

import click

__all__ = ["compare_command", "gazetteer_command"]


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--level",
    type=click.IntRange(0, 5),
    help="The level to compare; default the lowest that both have.",
)
@click.option("--country", multiple=True, metavar="ISO3", help="Only this country; repeatable.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 100_000),
    metavar="METRES",
    help="A border that moved less than this did not move.",
)
@click.option("--all", "unchanged", is_flag=True, help="List unchanged units too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
def compare_command(
    old: str, new: str, *, level: int | None, country: tuple[str, ...], tolerance: float | None,
    unchanged: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say what changed from the vintage (or boundary file) OLD to NEW, unit by unit.

    Codes and borders are two facts: a unit may carry another code and lie where it lay.
    """
    from rich.console import Console

    from boundaries.catalogue import open_vintage
    from boundaries.compare import DEFAULT_TOLERANCE_M, MissingLevel, code_join_error, compare
    from boundaries.compare_report import comparison_rows, comparison_sentences
    from boundaries.errors import UnknownUnit
    from service.boundary_terminal import show_comparison
    from service.terminal import Terminal

    terminal = Terminal()
    with terminal.progress("Comparing"):
        sets = []
        for name in (old, new):
            units = open_vintage(name, base=Path.cwd())
            if country:
                units = units.of_countries(code.upper() for code in country)
                if not len(units):
                    raise UnknownUnit(", ".join(country), vintage=name)
            sets.append(units)
        was, now = sets
        common = sorted(set(was.levels) & set(now.levels))
        if level is None and not common:
            raise MissingLevel(max(now.levels), vintage=was.vintage.id, known=was.levels)
        compared = compare(
            was, now, level=common[-1] if level is None else level,
            tolerance_m=DEFAULT_TOLERANCE_M if tolerance is None else tolerance,
        )  # fmt: skip
    rows, sentences = comparison_rows(compared, unchanged=unchanged), comparison_sentences(compared)
    if as_json:
        terminal.data_json(
            {
                "old": was.vintage.id,
                "new": now.vintage.id,
                "level": compared.level,
                "tolerance_m": compared.tolerance_m,
                "counts": {kind.value: count for kind, count in compared.counts.items()},
                "code_join_error": code_join_error(compared),
                "changes": rows,
                "notes": sentences,
            }
        )
    else:
        show_comparison(Console(highlight=False), terminal.notes, rows, sentences)


@click.command("gazetteer")
@click.argument("vintage")
@click.option("--country", multiple=True, metavar="ISO3", help="Only this country; repeatable.")
@click.option("--level", type=click.IntRange(0, 5), help="Only units of this level.")
def gazetteer_command(vintage: str, country: tuple[str, ...], level: int | None) -> None:
    """Print the names of a VINTAGE (or a boundary file) as CSV: codes, names, languages, parents."""
    from boundaries.catalogue import open_vintage
    from boundaries.errors import UnknownUnit
    from boundaries.gazetteer import gazetteer

    units = open_vintage(vintage, base=Path.cwd())
    if country:
        units = units.of_countries(code.upper() for code in country)
        if not len(units):
            raise UnknownUnit(", ".join(country), vintage=vintage)
    names = gazetteer(units)
    if level is not None:
        names = names[names["level"] == level]
    click.echo(names.to_csv(index=False, lineterminator="\n"), nl=False)
