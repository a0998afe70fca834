"""The schemas in ``docs/schemas`` are those of the nouns."""

import pytest

from domain.files.schemas import schema_text, schemas
from tests.house_tools import ROOT

FOLDER = ROOT / "docs" / "schemas"
WRITE = "python -c 'from pathlib import Path; from domain.files import write_schemas; write_schemas(Path(\"docs/schemas\"))'"


def test_there_is_one_file_for_each_kind():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(schemas())


@pytest.mark.parametrize("kind", sorted(schemas()))
def test_the_file_is_current(kind):
    written = (FOLDER / f"{kind}.json").read_text(encoding="utf-8")
    assert written == schema_text(schemas()[kind]), f"write it again: {WRITE}"
