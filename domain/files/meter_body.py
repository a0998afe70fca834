"""Which rows below the heading belong to the meter asked for."""

import re

from domain.files.meter_errors import MeterNoReadingsError, MeterUnknownError, MultipleMetersError
from domain.files.meter_findings import (
    METER_NAMELESS,
    METER_USED,
    MULTIPLIER_COLUMN,
    REPEATED_HEADER,
    ROWS_NAMELESS,
    cell_shown,
    rows_shown,
)
from domain.files.meter_header import Layout, is_same_header
from domain.files.meter_options import MeterReadOptions, ReadingLog
from domain.files.meter_table import Cell, Table, is_blank
from domain.files.meter_words import Role, plain_heading
from domain.noun import noun

METERS_SHOWN = 20
VALUES_SHOWN = 5
_POINT = re.compile(r"点|表|point|meter|mpan|nmi|zähl|lokation")

Key = tuple[str, ...]


@noun(eq=False)
class Body:
    """The rows of one meter."""

    rows: list[list[Cell]]
    row_numbers: list[int]
    meter_id: str


def body_of(table: Table, layout: Layout, options: MeterReadOptions, name: str, log: ReadingLog) -> Body:
    """Give the rows of the meter asked for, or of the only one.

    Raises
    ------
    MultipleMetersError, MeterUnknownError, MeterNoReadingsError
    """
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    repeated: list[int] = []
    for row, number in zip(table.rows[layout.first :], table.row_numbers[layout.first :], strict=True):
        if all(is_blank(cell) for cell in row):
            continue
        if is_same_header(row, layout.names):
            repeated.append(number)
            continue
        rows.append(row)
        numbers.append(number)
    if repeated:
        log.found(REPEATED_HEADER.at(rows=rows_shown(repeated)))
    if not rows:
        raise MeterNoReadingsError(row=table.row_numbers[layout.header])
    body = _of_meter(rows, numbers, layout, options=options, name=name, log=log)
    _note_multiplier(body, layout, options, log)
    return body


def _of_meter(
    rows: list[list[Cell]],
    numbers: list[int],
    layout: Layout,
    *,
    options: MeterReadOptions,
    name: str,
    log: ReadingLog,
) -> Body:
    columns = layout.of(Role.ID)
    keys = [tuple(_id(row, column) for column in columns) for row in rows]
    distinct = list(dict.fromkeys(key for key in keys if any(key)))
    if not distinct:
        meter_id = options.meter_id or name
        kind = METER_USED if options.meter_id else METER_NAMELESS
        log.assumed(kind.at(meter_id=meter_id, why=f"meter_id = {meter_id}"))
        return Body(rows=rows, row_numbers=numbers, meter_id=meter_id)
    key = _wanted(distinct, options.meter_id)
    meter_id = options.meter_id or _said(key, layout, columns)
    log.assumed(METER_USED.at(meter_id=meter_id, why=", ".join(layout.names[column] for column in columns)))
    if len(distinct) == 1:
        return Body(rows=rows, row_numbers=numbers, meter_id=meter_id)
    kept = [index for index, one in enumerate(keys) if one == key]
    nameless = [numbers[index] for index, one in enumerate(keys) if not any(one)]
    if nameless:
        log.found(ROWS_NAMELESS.at(count=len(nameless), rows=rows_shown(nameless)))
    return Body(rows=[rows[index] for index in kept], row_numbers=[numbers[index] for index in kept], meter_id=meter_id)


def _id(row: list[Cell], column: int) -> str:
    cell = row[column] if column < len(row) else None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip().strip("'\t")


def _wanted(distinct: list[Key], meter_id: str | None) -> Key:
    shown = tuple(cell_shown(one) for one in _varying(distinct)[:METERS_SHOWN])
    if meter_id is None:
        if len(distinct) > 1:
            raise MultipleMetersError(count=len(distinct), meters=shown)
        return distinct[0]
    fitting = [
        key
        for key, varying in zip(distinct, _varying(distinct), strict=True)
        if meter_id in key or meter_id in {varying, "/".join(key)}
    ]
    if not fitting:
        raise MeterUnknownError(meter_id=meter_id, meters=shown)
    if len(fitting) > 1:
        raise MultipleMetersError(
            count=len(fitting), meters=tuple(cell_shown("/".join(key)) for key in fitting[:METERS_SHOWN])
        )
    return fitting[0]


def _varying(distinct: list[Key]) -> list[str]:
    """Name each meter by the parts in which the meters differ."""
    varying = [column for column in range(len(distinct[0])) if len({key[column] for key in distinct}) > 1]
    return ["/".join(key[column] for column in varying or range(len(key))) for key in distinct]


def _said(key: Key, layout: Layout, columns: tuple[int, ...]) -> str:
    points = [part for part, column in zip(key, columns, strict=True) if part and _POINT.search(layout.names[column])]
    return (points or [part for part in key if part])[0]


def _note_multiplier(body: Body, layout: Layout, options: MeterReadOptions, log: ReadingLog) -> None:
    for column in layout.of(Role.MULTIPLIER):
        values = {plain_heading(row[column]) for row in body.rows if column < len(row) and not is_blank(row[column])}
        if values - {"1", "1.0", "1.00"}:
            listed = ", ".join(sorted(values)[:VALUES_SHOWN])
            log.found(
                MULTIPLIER_COLUMN.at(
                    column=layout.names[column], values=cell_shown(listed), multiplier=str(options.multiplier)
                )
            )
