"""How many written places are matched, and how many wrongly: judged against labels made by hand.

Needs the folder of real tables beside the checkout. Run: python benchmarks/bench_matching.py

The split: rules, type words and aliases were chosen on Mali, Burkina Faso, Niger and Senegal,
and then on 420 spellings of Cameroon, Chad, Mauritania and Nigeria (drawn with seed 20260301).
The hold-out was drawn from the other spellings of the latter four (seed 20260302) after the rules
were frozen, and labelled by hand against OCHA's list of P-codes. Foreign names are those of all
other countries, offered to twelve countries that none was offered to before (seed 20260304).
"""

import csv
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
from measure import measure

from boundaries.names import normalise_name
from boundaries.units import BoundarySet
from boundaries.vintage import Vintage
from geo.gazetteer import Match, Places
from geo.ledger import Verdict
from geo.place_matching import match_places

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared" / "data"
LABELS = HERE.parent / "tests" / "geo" / "labels"
PCODES = "tables/cod_ps/global_pcodes_adm1_2.csv"
DEMOGRAPHICS = "tables/unhcr/unhcr_demographics_sahel_2001_2025.csv"


def listed_units(shared: Path, countries: list[str]) -> BoundarySet:
    """Return the units of OCHA's P-code list, without polygons, under their countries."""
    rows = pd.read_csv(
        shared / PCODES, dtype=str, keep_default_na=False, na_values=[], encoding="utf-8-sig"
    )
    rows = rows[rows["Location"].isin(countries)].drop_duplicates("P-Code")
    frame = pd.DataFrame(
        {
            "pcode": [*countries, *rows["P-Code"]],
            "level": [*[0] * len(countries), *rows["Admin Level"].astype(int)],
            "parent": [*[""] * len(countries), *rows["Parent P-Code"]],
            "iso3": [*countries, *rows["Location"]],
            "name": [*countries, *rows["Name"]],
        }
    ).sort_values(["level", "pcode"], ignore_index=True)
    for column in ("name_en", "name_fr", "name_es", "name_ar", "aliases", "type"):
        frame[column] = ""
    frame = frame.assign(code_scheme="ocha", label_lon=0.0, label_lat=0.0, geometry=None)
    vintage = Vintage("pcode-list", "OCHA P-code list", "OCHA", "CC BY-IGO", "0" * 12)
    return BoundarySet(vintage, gpd.GeoDataFrame(frame, geometry="geometry"))


@dataclass(frozen=True, slots=True)
class Label:
    """What a text names, decided by a person.

    ``expected`` are the P-codes it may be placed in, "" where it must stay unmatched. ``names``
    tells whether the text names a unit of level 1 or 2, itself or as what the place lies in.
    """

    text: str
    country: str
    rows: int
    names: bool
    expected: frozenset[str]


def read_labels(name: str) -> list[Label]:
    """Read one of the label files."""
    with (LABELS / name).open(encoding="utf-8", newline="") as file:
        return [
            Label(
                row["text"],
                row["country"],
                int(row["rows"]),
                row["names"] == "1",
                frozenset(row["expected"].split("|")) - {""},
            )
            for row in csv.DictReader(file)
        ]


def matched(shared: Path, country: str, texts: list[str]) -> list[Match]:
    """Match texts as a table of one country, each told of its own day."""
    units = listed_units(shared, [country])
    frame = pd.DataFrame({"place": texts, "file": "t.csv", "pcode": "", "level": ""})
    frame["parent"] = country
    frame["date"] = [f"row {at}" for at in range(len(texts))]
    found = match_places(frame, Places(units, countries=(country,)))
    return [found.matches[at] for at in found.of_row]


@dataclass(frozen=True, slots=True)
class Score:
    """Rows of the labelled texts: named a unit; of those matched rightly; matched wrongly."""

    texts: int
    named: int
    right: int
    placed: int
    wrong: int
    errors: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def recall(self) -> float:
        return self.right / self.named

    @property
    def precision(self) -> float:
        return 1 - self.wrong / self.placed


def score(shared: Path, labels: list[Label]) -> Score:
    """Judge the matches of labelled texts, each counted with its rows in the table."""
    count: Counter[str] = Counter()
    errors, missed = [], []
    for country in sorted({label.country for label in labels}):
        of_country = [label for label in labels if label.country == country]
        found = matched(shared, country, [label.text for label in of_country])
        for label, match in zip(of_country, found, strict=True):
            placed = match.verdict is not Verdict.LEFT_OUT and match.target != country
            is_right = placed and match.target in label.expected
            count["named"] += label.rows * label.names
            count["right"] += label.rows * (label.names and is_right)
            count["placed"] += label.rows * placed
            count["wrong"] += label.rows * (placed and not is_right)
            said = (
                f"{country} {label.text!r} -> {match.target} ({match.how}) {sorted(label.expected)}"
            )
            if placed and not is_right:
                errors.append(said)
            if label.names and not is_right:
                missed.append(f"{label.rows} rows: {said} {match.reason}")
    return Score(
        len(labels), count["named"], count["right"], count["placed"], count["wrong"],
        tuple(errors), tuple(missed),
    )  # fmt: skip


def foreign_names(
    shared: Path, countries: list[str], seed: int, per_country: int = 400
) -> tuple[int, int, list[str]]:
    """Offer each country names of units of all others: how many were tried, and taken."""
    rows = pd.read_csv(shared / PCODES, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    tried, taken, examples = 0, 0, []
    for country in countries:
        own = {normalise_name(name) for name in rows.loc[rows["Location"] == country, "Name"]}
        names = rows.loc[rows["Location"] != country, "Name"].drop_duplicates()
        names = names[~names.map(normalise_name).isin(own)]
        names = names.sample(per_country, random_state=seed).tolist()
        for name, match in zip(names, matched(shared, country, names), strict=True):
            tried += 1
            if match.verdict is not Verdict.LEFT_OUT and match.target != country:
                taken += 1
                examples.append(f"{country} {name!r} -> {match.why or match.target} ({match.how})")
    return tried, taken, examples


def main(shared: Path = SHARED) -> None:
    if not shared.is_dir():
        sys.exit(f"{shared} is not there: the real tables lie beside the checkout")
    for title, name in (
        ("hold-out", "places_holdout.csv"),
        ("the 55 spellings of Mali (rules were chosen on them too)", "places_mali.csv"),
    ):
        labels = read_labels(name)
        begin = time.perf_counter()
        result = score(shared, labels)
        took = time.perf_counter() - begin
        print(f"{title}: {result.texts} texts, {result.named} rows name a unit of level 1 or 2")
        key = "matching-" + name.removeprefix("places_").removesuffix(".csv")
        measure(f"{key}-matched", "  of those rows matched", result.recall, "%", at_least=0.95, digits=1,
                beside=f"{took:.1f} s")  # fmt: skip
        measure(f"{key}-right", "  of those placed in the right unit", result.precision, "%",
                at_least=0.995, digits=2, beside=f"{result.wrong} wrong of {result.placed}")  # fmt: skip
        for line in (*result.errors, *result.missed):
            print("   ", line)
    begin = time.perf_counter()
    countries = ["BGD", "CAF", "CIV", "ECU", "HTI", "IRQ", "KEN", "LBY", "MRT", "PAK", "SSD", "TCD"]
    tried, taken, examples = foreign_names(shared, countries, 20260304)
    measure("matching-foreign", "names of other countries taken for a unit of this one", taken / tried,
            "%", at_most=0.001, digits=2,
            beside=f"{taken} of {tried:,}; {time.perf_counter() - begin:.1f} s")  # fmt: skip
    for line in examples:
        print("   ", line)


if __name__ == "__main__":
    main()
