"""Programs that others use, on the service as it is served: GDAL and QGIS open it and find everything.

The service runs in a process of its own, so that a client that waits for it cannot stop it.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest

COUNTS = "xaa-2020.counts-1"
OGRINFO = shutil.which("ogrinfo")
SYSTEM_PYTHON = Path("/usr/bin/python3")  # Debian's QGIS is importable from Debian's Python alone

QGIS = """
import json, os, sys
from qgis.core import (QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle,
                       QgsVectorLayer, QgsVectorTileLayer, QgsCoordinateReferenceSystem)
from qgis.PyQt.QtCore import QSize
app = QgsApplication([], False)
app.initQgis()
base, collection, tiles = sys.argv[1:]
layer = QgsVectorLayer(f"url='{base}/ogc' typename='{collection}'", "features", "OAPIF")
rows = [dict(zip([field.name() for field in layer.fields()], map(str, each.attributes())))
        for each in layer.getFeatures()]
area = sum(each.geometry().area() for each in layer.getFeatures())
drawn = QgsVectorTileLayer(tiles, "tiles")
view = QgsMapSettings()
view.setLayers([drawn])
view.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
view.setExtent(QgsRectangle(1080000, 1090000, 1480000, 1380000))
view.setOutputSize(QSize(200, 145))
job = QgsMapRendererParallelJob(view)
job.start()
job.waitForFinished()
picture = job.renderedImage()
white = sum(picture.pixelColor(x, y).name() == "#ffffff" for x in range(200) for y in range(145))
types = {field.name(): field.typeName() for field in layer.fields()}
print(json.dumps({"valid": layer.isValid(), "rows": rows, "types": types, "area": area,
                  "tiles": drawn.isValid(), "drawn": 1 - white / (200 * 145)}), flush=True)
os._exit(0)  # QGIS may fall over its own layers when Python tidies up
"""


@pytest.fixture(scope="module")
def address(released_store: Path) -> Iterator[str]:
    """The address of the service."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = {"SITMAP_STORES": str(released_store), "SITMAP_BASE_URL": base}
    serve = [sys.executable, "-m", "uvicorn", "service.app:app_from_environment", "--factory"]
    process = subprocess.Popen(
        [*serve, "--port", str(port), "--log-level", "error"],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **settings},
    )
    try:
        _wait_for(f"{base}/healthz", process)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, "the service ended before it answered"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service did not answer within a minute")


def _json(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


# --- GDAL, as it is in the wheels ------------------------------------------------------------------


def test_gdal_reads_every_collection_with_the_right_number_of_features(address: str) -> None:
    listed = {each["id"] for each in _json(f"{address}/ogc/collections")["collections"]}
    layers = {str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{address}/ogc")}
    assert layers == listed
    total = 0
    for name in sorted(layers):
        read = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer=name)
        matched = _json(f"{address}/ogc/collections/{name}/items?limit=1")["numberMatched"]
        assert len(read) == matched, name
        total += matched
    assert total > 40


def test_gdal_reads_numbers_as_numbers_and_pages_through(address: str) -> None:
    for page in ("1", "2", "1000"):
        read = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer=COUNTS, PAGE_SIZE=page)
        rows = read.set_index("pcode")
        assert rows["IDP_stock"].to_dict() == {"XA01": 1200, "XA02": 0, "XA03": 340}
        assert rows["REF_stock"].isna().to_dict() == {"XA01": False, "XA02": True, "XA03": False}
        assert read.geometry.is_valid.all()
        assert read.crs.to_epsg() == 4326


def test_gdal_asks_the_service_for_a_box(address: str) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{address}/ogc", layer=COUNTS, bbox=(12.5, 10, 13, 11))
    assert read["pcode"].tolist() == ["XA03"]


def test_gdal_reads_every_tile_that_a_tileset_tells_of(address: str, tmp_path: Path) -> None:
    for collection in ("xaa-2020.map-idps", "boundaries.xaa-2010.level-2"):
        tiles = f"{address}/ogc/collections/{collection}/tiles/WebMercatorQuad"
        for limit in _json(tiles)["tileMatrixSetLimits"][:7]:
            z, lost = limit["tileMatrix"], set()
            for row in range(limit["minTileRow"], limit["maxTileRow"] + 1):
                for col in range(limit["minTileCol"], limit["maxTileCol"] + 1):
                    with urllib.request.urlopen(f"{tiles}/{z}/{row}/{col}?f=mvt") as answer:
                        content = answer.read()
                    file = tmp_path / collection / str(z) / str(col) / f"{row}.mvt"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
                    if content:
                        units = pyogrio.read_dataframe(file, layer="units")
                        assert units.geometry.is_valid.all()
                        lost |= set(units["pcode"])
            assert {code for code in lost if code.startswith("XA")}, z


def test_gdal_reads_a_tile_over_http(address: str) -> None:
    tile = f"MVT:{address}/tiles/maps/xaa-2020/idps/4/8/7.mvt"
    read = pyogrio.read_dataframe(tile, layer="units").set_index("pcode")
    assert read.loc["XA01", "count"] == 1200


# --- GDAL, as the system has it --------------------------------------------------------------------


@pytest.mark.skipif(OGRINFO is None, reason="ogrinfo is not installed: apt install gdal-bin")
def test_ogrinfo_counts_the_features(address: str) -> None:
    def told(*arguments: str) -> str:
        source = f"OAPIF:{address}/ogc"
        run = [str(OGRINFO), "-ro", *arguments, source]
        done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    layers = re.findall(r"^\d+: (\S+)", told("-q"), flags=re.MULTILINE)
    assert COUNTS in layers
    summary = told("-so", "-al")
    for name in layers:
        matched = _json(f"{address}/ogc/collections/{name}/items?limit=1")["numberMatched"]
        part = summary.partition(f"Layer name: {name}\n")[2]
        found = re.search(r"Feature Count: (\d+)", part)
        assert found, name
        assert int(found[1]) == matched, name
    assert re.search(r"IDP_stock: Integer", summary)


# --- QGIS ------------------------------------------------------------------------------------------


def _qgis() -> str:
    """Return why QGIS cannot be asked, "" where it can."""
    if not SYSTEM_PYTHON.exists():
        return "there is no system Python"
    try:
        asked = [str(SYSTEM_PYTHON), "-c", "import qgis.core"]
        found = subprocess.run(asked, capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return "it does not answer"
    return "" if found.returncode == 0 else "apt install python3-qgis (930 MB) brings it"


def test_qgis_opens_the_features_and_draws_the_vector_tiles(address: str, tmp_path: Path) -> None:
    reason = _qgis()
    if reason:
        pytest.skip(f"optional client: QGIS is not installed: {reason}")
    template = f"{address}/ogc/collections/xaa-2020.map-idps/tiles/WebMercatorQuad"
    tiles = f"type=xyz&url={template}/%7Bz%7D/%7By%7D/%7Bx%7D?f%3Dmvt&zmin=0&zmax=14"
    quiet = {
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [str(SYSTEM_PYTHON), "-c", QGIS, address, COUNTS, tiles],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={"PATH": os.environ["PATH"], **quiet},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["valid"]
    counts = {row["pcode"]: row["IDP_stock"] for row in found["rows"]}
    assert counts == {"XA01": "1200", "XA02": "0", "XA03": "340"}
    assert found["types"]["REF_stock"] == "Integer"
    assert found["area"] == pytest.approx(6)  # square degrees: three regions, one by two
    assert found["tiles"]
    assert found["drawn"] > 0.3
