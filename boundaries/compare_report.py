"""A comparison in words and rows, for people. Recoding and redrawing are told in separate sentences.

Numbers are rounded here and nowhere before.
"""

from collections.abc import Iterable, Sequence

from boundaries.compare import (
    Change,
    ChangeKind,
    Comparison,
    Exchange,
    SharedGround,
    code_join_error,
)

__all__ = ["COMPARISON_COLUMNS", "comparison_rows", "comparison_sentences"]

COMPARISON_COLUMNS = {
    "kind": "unchanged | renamed | recoded | redrawn | split | merged | complex | created | removed",
    "old": "P-codes in the old vintage, joined with '|'",
    "old_name": "their names, joined with '|'",
    "new": "P-codes in the new vintage, joined with '|'",
    "new_name": "their names, joined with '|'",
    "recoded": "whether one place carries another code",
    "naming": "same | respelled | renamed",
    "redrawn": "whether the border of one place moved by more than the tolerance",
    "moved_km2": "ground in only one of the two vintages, to 0.1 km²",
    "ground": "who holds whose ground: 'old>new share of old/share of new', joined with '|'",
}

_SHOWN = 5  # examples in a sentence


def comparison_rows(comparison: Comparison, *, unchanged: bool = False) -> list[dict[str, object]]:
    """Return one row per change, with the columns of ``COMPARISON_COLUMNS``.

    Without ``unchanged``, units that kept ground, code and spelling are left out.
    """
    return [
        {
            "kind": change.kind.value,
            "old": "|".join(change.old),
            "old_name": "|".join(change.old_names),
            "new": "|".join(change.new),
            "new_name": "|".join(change.new_names),
            "recoded": change.recoded,
            "naming": change.naming,
            "redrawn": change.redrawn,
            "moved_km2": round(change.moved_km2, 1),
            "ground": "|".join(map(_ground, change.parts)),
        }
        for change in comparison.changes
        if unchanged or change.kind is not ChangeKind.UNCHANGED or change.naming != "same"
    ]


def comparison_sentences(comparison: Comparison) -> list[str]:
    """Return what changed and what follows from it, the most dangerous last.

    The first sentence counts; then what was redrawn, what was split, merged and so on, what was
    renamed; at the end what a join by code would do.
    """
    old, new = comparison.old.label, comparison.new.label
    counted = ", ".join(
        f"{count} {kind.value}" for kind, count in comparison.counts.items() if count
    )
    said = [
        f"Level {comparison.level}: {len(comparison.old_codes)} units in {old}, "
        f"{len(comparison.new_codes)} in {new}: {counted}. A border moved where it moved by more "
        f"than {comparison.tolerance_m:,.0f} m."
    ]
    said += _redrawn(comparison)
    for kind, word in (
        (ChangeKind.SPLIT, "split"),
        (ChangeKind.MERGED, "merged"),
        (ChangeKind.COMPLEX, "rearranged"),
        (ChangeKind.CREATED, "created"),
        (ChangeKind.REMOVED, "removed"),
    ):
        these = [change for change in comparison.changes if change.kind is kind]
        if these:
            said.append(f"{len(these)} {word}: {_some(map(_became, these), len(these))}.")
    renamed = [change for change in comparison.pairs if change.naming == "renamed"]
    if renamed:
        said.append(f"{len(renamed)} renamed: {_some(map(_became, renamed), len(renamed))}.")
    return said + _recoded(comparison)


def _redrawn(comparison: Comparison) -> list[str]:
    if not comparison.redrawn:
        return [
            f"{len(comparison.kept)} units kept their ground; no unit that goes on was redrawn."
        ]
    sentence = f"{len(comparison.redrawn)} redrawn, {len(comparison.kept)} kept their ground."
    pairs = comparison.neighbour_pairs
    if not pairs:
        return [sentence]
    counted = "1 pair of neighbours" if len(pairs) == 1 else f"{len(pairs)} pairs of neighbours"
    sentence += f" {counted} exchanged ground: {_exchanged(pairs)}."
    more = [exchange for exchange in comparison.exchanges if exchange not in pairs]
    if more:
        sentence += f" So did, beside these, {_exchanged(more)}."
    return [sentence]


def _recoded(comparison: Comparison) -> list[str]:
    """Say how many codes changed, that this moved nobody, and what a join by code would do."""
    recoded, reused = comparison.recoded, comparison.old_codes & comparison.new_codes
    if not recoded:
        return [f"No unit that goes on carries another code; {len(reused)} codes are in both."]
    least = min(_on_its_ground(change) for change in recoded)
    wrong = code_join_error(comparison)
    sentence = (
        f"{len(recoded)} of {len(comparison.old_codes)} units carry another code: "
        f"{_some(map(_became, recoded), len(recoded))}. That moved nobody: each lies where it lay, "
        f"with at least {least:.0%} of its ground."
    )
    if not wrong:
        return [sentence]
    return [
        sentence,
        f"{len(reused)} codes are in both vintages. A join by code across the two would put "
        f"{wrong:.0%} of the units on another place: carry figures by ground, with a crosswalk.",
    ]


def _on_its_ground(change: Change) -> float:
    (main,) = (p for p in change.parts if p.old in change.old and p.new in change.new)
    return min(main.of_old, main.of_new)


def _ground(part: SharedGround) -> str:
    return f"{part.old}>{part.new} {part.of_old:.3f}/{part.of_new:.3f}"


def _became(change: Change) -> str:
    def listed(codes: Sequence[str], names: Sequence[str]) -> str:
        pairs = zip(codes, names, strict=True)
        return " + ".join(f"{name} ({code})" for code, name in pairs)

    old, new = listed(change.old, change.old_names), listed(change.new, change.new_names)
    if change.kind is ChangeKind.CREATED:
        cut = ", ".join(f"{p.of_new:.0%} from {p.old}" for p in change.parts)
        return f"{new} ({cut or 'where no unit was'})"
    if change.kind is ChangeKind.REMOVED:
        gone = ", ".join(f"{p.of_old:.0%} to {p.new}" for p in change.parts)
        return f"{old} ({gone or 'where no unit is'})"
    return f"{old} → {new}"


def _exchanged(exchanges: Sequence[Exchange]) -> str:
    said = (f"{'–'.join(e.names)} {e.km2:,.{0 if e.km2 >= 10 else 1}f} km²" for e in exchanges)
    if len(exchanges) <= 2 * _SHOWN:
        return ", ".join(said)
    return _some(said, len(exchanges))


def _some(words: Iterable[str], count: int) -> str:
    shown = [word for word, _ in zip(words, range(_SHOWN), strict=False)]
    return ", ".join(shown) + (f" and {count - _SHOWN} more" if count > _SHOWN else "")
