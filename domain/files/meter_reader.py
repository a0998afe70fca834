"""Read a customer's meter file: any bytes give a series with findings, or a refusal that says why."""

from pathlib import Path

import numpy as np

from domain.checks import FloatArray
from domain.files.meter_body import Body, body_of
from domain.files.meter_bytes import ZIP_MAGIC, decoded, plain_bytes, refuse_known_others
from domain.files.meter_clock import local_ms, starts_utc, wall_of
from domain.files.meter_findings import READ_AS, SHEET_USED
from domain.files.meter_grid import Placed, grid_over, on_grid, placed
from domain.files.meter_header import Layout, has_header, layout_of
from domain.files.meter_labels import labels_of, note_step_changes, step_of
from domain.files.meter_long import long_stream
from domain.files.meter_look import (
    Scene,
    note_cumulative,
    note_flat_lines,
    note_gaps,
    note_partial_days,
    spikes,
    without_negatives,
    without_signs,
)
from domain.files.meter_options import MeterReading, MeterReadOptions, ReadingLog
from domain.files.meter_sheet import sheet_table
from domain.files.meter_stamps import MINUTE_MS, NONE, IntArray
from domain.files.meter_stream import Stream
from domain.files.meter_table import Table, text_table
from domain.files.meter_wide import wide_streams
from domain.metering.series import MeterSeries, Quality
from domain.time.grid import TimeGrid


def read_meter(source: Path | bytes, options: MeterReadOptions, *, name: str = "meter") -> MeterReading:
    """Read a meter file (CSV or Excel, long or one row a day, plain or gzip) as a series.

    Parameters
    ----------
    source : Path or bytes
        The file or its content.
    options : MeterReadOptions
        The zone of its clock, and whatever else the caller knows.
    name : str
        The meter's id where neither the file nor the options name one.

    Returns
    -------
    MeterReading
        Mean power on a UTC grid [kW], what was found, and what was taken for granted.

    Raises
    ------
    MeterFileError
        A subclass that says what is wrong, where, and how to mend it.

    Notes
    -----
    Nothing is repaired: a value is either the file's, or NaN with a finding that names the row.
    """
    log = ReadingLog()
    table = table_of(plain_bytes(source), options)
    layout = layout_of(table)
    _note_form(table, layout, log)
    body = body_of(table, layout, options, name, log)
    if layout.is_wide:
        streams = wide_streams(table, layout, body, options, log)
    else:
        streams = (long_stream(table, layout, body, options, log),)
    return _reading(streams, body, table.row_numbers[layout.header], options, log)


def table_of(plain: bytes, options: MeterReadOptions) -> Table:
    """Cut plain bytes into a table of cells.

    Raises
    ------
    MeterFileError
        A subclass that says why the bytes are no table.
    """
    if plain.startswith(ZIP_MAGIC):
        return sheet_table(plain, options.sheet, has_header)
    refuse_known_others(plain)
    text, encoding = decoded(plain)
    return text_table(text, encoding, has_header)


def _note_form(table: Table, layout: Layout, log: ReadingLog) -> None:
    log.assumed(
        READ_AS.at(
            form=table.form,
            encoding=f", {table.encoding}" if table.encoding else "",
            delimiter=f", {table.delimiter}" if table.delimiter else "",
            header_row=table.row_numbers[layout.header],
            title_rows=sum(bool(row) for row in table.rows[: layout.header]),
        )
    )
    if table.sheet:
        log.assumed(SHEET_USED.at(sheet=table.sheet))


def _reading(
    streams: tuple[Stream, ...], body: Body, header_row: int, options: MeterReadOptions, log: ReadingLog
) -> MeterReading:
    first = streams[0]
    step_min = step_of(first, options, log)
    note_step_changes(first, step_min, log)
    labels = labels_of(first, local_ms(first, options.zone), step_min, options, log)
    parts = [
        placed(stream, utc_ms, step_min=step_min, zone_shift_min=_shift_min(utc_ms, options.zone), log=log)
        for stream in streams
        for utc_ms in (starts_utc(stream, labels, step_min, options.zone, log),)
    ]
    grid = grid_over(parts, step_min, header_row)
    rows = on_grid(parts[0], parts[0].rows, grid, empty=0).astype(np.int64)
    scene = Scene(grid=grid, rows=rows, zone=options.zone)
    series = _series(parts, body.meter_id, scene, options, log)
    return MeterReading(series=series, findings=tuple(log.findings), assumptions=tuple(log.assumptions))


def _shift_min(utc_ms: IntArray, zone: str) -> IntArray:
    """Give local clock less UTC for each instant. [min]."""
    known_ms = np.where(utc_ms == NONE, 0, utc_ms)
    return (wall_of(known_ms, zone) - known_ms) // MINUTE_MS


def _series(
    parts: list[Placed], meter_id: str, scene: Scene, options: MeterReadOptions, log: ReadingLog
) -> MeterSeries:
    power = {
        channel.name: _power(part, channel.values, scene.grid, options, is_energy=channel.is_energy)
        for part in parts
        for channel in part.channels
    }
    column = parts[0].channels[0].column
    note_cumulative(power["import"], column, log)
    import_kw = without_negatives(power["import"], "import", scene, log)
    export_kw, reactive_kvar = power.get("export"), power.get("reactive")
    if export_kw is not None:
        export_kw = without_negatives(export_kw, "export", scene, log)
    if reactive_kvar is not None:
        reactive_kvar = without_signs(reactive_kvar, scene, log)
    note_gaps(import_kw, scene, log)
    note_partial_days(scene, log)
    note_flat_lines(import_kw, scene, log)
    suspect = spikes(import_kw, scene, log)
    return MeterSeries(
        meter_id=meter_id,
        grid=scene.grid,
        import_kw=import_kw,
        export_kw=export_kw,
        reactive_kvar=reactive_kvar,
        quality=np.where(suspect, Quality.SUSPECT, Quality.MEASURED).astype(np.uint8),
    )


def _power(
    part: Placed, values: FloatArray, grid: TimeGrid, options: MeterReadOptions, *, is_energy: bool
) -> FloatArray:
    per_step = 60 / grid.step_min if is_energy else 1.0
    return on_grid(part, values, grid, empty=np.nan) * per_step * float(options.multiplier)
