"""Ten thousand invented histories of splits, mergers and new codes: every total exact."""

import numpy as np
import pandas as pd

from boundaries.compare import ChangeKind
from boundaries.crosswalk import Crosswalk, CrosswalkPair, Weighting, share_range
from geo.carrying import carry_over
from geo.tables import UNIT_FIGURE_COLUMNS

HISTORIES = 10_000
KINDS = ("recode", "split", "merge", "redraw", "complex")


def _history(rng: np.random.Generator, name: str) -> list[CrosswalkPair]:
    """Return the pairs of one history; its units bear its name, with codes reused at will."""
    kind = KINDS[rng.integers(len(KINDS))]
    several = int(rng.integers(2, 7))
    olds = several if kind in ("merge", "redraw", "complex") else 1
    news = several if kind in ("split", "redraw", "complex") else 1
    weights = rng.dirichlet(np.full(news, 0.5), size=olds)
    if kind == "redraw":  # mostly itself, a little to a neighbour
        weights = 0.9 * np.eye(several) + 0.1 * np.roll(np.eye(several), 1, axis=1)
    codes = rng.permutation(news)
    pairs = []
    for old in range(olds):
        shares = np.where(weights[old] < 1e-9, 0, weights[old])
        shares = shares / shares.sum()
        for new in range(news):
            weight = float(shares[new])
            weighting = Weighting.WHOLE if news == 1 else Weighting.POPULATION
            low, high = share_range(weight, 1 / news, weighting)
            pairs.append(
                CrosswalkPair(
                    f"{name}-{old}", f"{name}-{codes[new]}", weight, low, high,
                    ChangeKind.COMPLEX, weighting, False,
                )
            )  # fmt: skip
    return pairs


def test_totals_are_exact_to_the_person_over_ten_thousand_histories():
    rng = np.random.default_rng(20170228)
    pairs = [p for at in range(HISTORIES) for p in _history(rng, f"H{at}")]
    crosswalk = Crosswalk("old", "new", 1, tuple(pairs))
    codes = list(dict.fromkeys(pair.old for pair in pairs))
    values = np.floor(10 ** rng.uniform(0, 7, size=len(codes))) - 1
    missing = rng.random(len(codes)) < 0.1
    row = dict.fromkeys(UNIT_FIGURE_COLUMNS, "") | {
        "level": 1, "unplaced": False, "group": "IDP", "measure": "stock", "kind": "registered",
        "unit": "persons", "start": None, "date": None, "state": "figure", "qualifier": "exact",
        "basis": "stated",
    }  # fmt: skip
    given = pd.DataFrame([row] * len(codes)).assign(
        pcode=codes,
        value=np.where(missing, np.nan, values),
        state=np.where(missing, "not_reported", "figure"),
    )

    carried = carry_over(given, crosswalk)

    assert carried.left.empty
    before = given.groupby(given["pcode"].str.split("-").str[0])["value"].sum()
    after = carried.frame.groupby(carried.frame["pcode"].str.split("-").str[0])["value"].sum()
    pd.testing.assert_series_equal(before, after, check_exact=True)

    known = carried.frame[carried.frame["state"] == "figure"]
    assert (known["value"] == np.floor(known["value"])).all()
    assert (known["low"] <= known["value"]).all()
    assert (known["value"] <= known["high"]).all()
    assert (known["low"] >= 0).all()
    unknown = carried.frame[carried.frame["state"] != "figure"]
    assert unknown["value"].isna().all()
    # nothing known went into them: all their sources were missing
    was_missing = set(given.loc[missing, "pcode"])
    assert all(
        pair.old in was_missing for code in unknown["pcode"] for pair in crosswalk.sources(code)
    )
