"""Vega-Lite's own schema, as Altair brings it: the oracle for the descriptions that charts are."""

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from jsonschema import Draft7Validator

FOLDER = Path(find_spec("altair").origin).parent / "vegalite" / "v6" / "schema"


@cache
def schema():
    """Altair itself is not imported: it takes a second to check one description, and this a twentieth."""
    return Draft7Validator(json.loads((FOLDER / "vega-lite-schema.json").read_text(encoding="utf-8")))


def version():
    """Of the Vega-Lite that the schema is of."""
    text = (FOLDER / "__init__.py").read_text(encoding="utf-8")
    return re.search(r"SCHEMA_VERSION = \"v([\d.]+)\"", text)[1]


def mistakes(spec):
    """What Vega-Lite does not know of a description, as sentences; rows of data are not looked at."""
    found = schema().iter_errors({**spec, "datasets": {}})
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in found]
