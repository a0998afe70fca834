"""A plant as one file, a workbook or YAML."""

from pathlib import Path

from domain.files.plan_workbook import read_plan_workbook
from domain.files.plant import PastRun, PlantFile, process_history
from domain.files.plant_yaml import read_plant_yaml
from domain.files.sources import bytes_of, name_of
from domain.files.xlsx_book import BOOK_MB, OLD_EXCEL_START, ZIP_START

__all__ = ["PastRun", "PlantFile", "process_history", "read_plant"]


def read_plant(source: Path | bytes, name: str | None = None) -> PlantFile:
    """Read a plant from a workbook or from YAML, whichever the content is.

    Parameters
    ----------
    source : Path | bytes
        The file or its content.
    name : str | None
        Name for refusals; None: the path's name.

    Raises
    ------
    PlanCellsError, WorkbookUnreadableError
        For workbooks.
    DocumentError, YamlTextError
        For YAML.
    FileUnreadableError, FileTooLargeError
    """
    where = name or name_of(source, "plant")
    content = bytes_of(source, name=where, limit_mb=BOOK_MB)
    if content.startswith((ZIP_START, OLD_EXCEL_START)):
        return read_plan_workbook(content, where)
    return read_plant_yaml(content, where)
