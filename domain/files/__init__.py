"""The doors for files: meters, plans, tariffs, programmes, cases. Everything wrong is said at once, with its place."""

from domain.files.case_file import (
    canonical_bytes,
    case_from_plain,
    case_to_plain,
    offer_to_plain,
    quote_to_plain,
    read_case,
    sha256_of,
)
from domain.files.documents import DocumentError, Problem, from_plain, json_schema, read_yaml, to_plain
from domain.files.meter_options import MeterReadOptions
from domain.files.meter_reader import MeterReading, read_meter
from domain.files.plan_tables import CellProblem, PlanCellsError
from domain.files.plan_workbook import read_plan_workbook, write_plant_workbook, write_template
from domain.files.plant_file import PastRun, PlantFile, process_history, read_plant
from domain.files.plant_yaml import read_plant_yaml, write_plant_yaml
from domain.files.schemas import schemas, write_schemas
from domain.files.tariff_files import Library, LibraryError, read_library, read_tariff, write_tariff
from domain.files.xlsx_book import WorkbookUnreadableError
from domain.files.yaml_text import YamlTextError, write_yaml
