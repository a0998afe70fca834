"""What the meter reader finds worth a look, and what it takes for granted."""

from collections.abc import Iterable

from domain.findings import FindingKind, Severity
from domain.text import Text

ROWS_SHOWN = 8
TEXT_SHOWN = 40


def rows_shown(rows: Iterable[int]) -> str:
    """Give the first few row numbers as words: ``12, 13, 14 …``."""
    ordered = sorted({int(row) for row in rows})
    more = " …" if len(ordered) > ROWS_SHOWN else ""
    return ", ".join(str(row) for row in ordered[:ROWS_SHOWN]) + more


def cell_shown(cell: object) -> str:
    """Give a cell's text, cut to what fits a sentence."""
    text = "" if cell is None else str(cell)
    return text if len(text) <= TEXT_SHOWN else text[:TEXT_SHOWN] + "…"


def _found(code: str, severity: Severity, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=severity, words=Text(en=en, zh=zh))


GAPS = _found(
    "meter_gaps",
    Severity.WARNING,
    "{count} of {total} intervals have no value, in {gaps} gaps between {first} and {last}; they stay empty. "
    "The first: {shown}; they follow rows {after_rows}.",
    "{total} 个时段中有 {count} 个无值，共 {gaps} 处缺口，介于 {first} 与 {last} 之间；保持为空。前几处：{shown}；位于第 {after_rows} 行之后。",
)
EMPTY_VALUES = _found(
    "meter_empty_values",
    Severity.WARNING,
    "{count} readings carry a stamp but no value (rows {rows}); they stay empty.",
    "{count} 个读数有时标而无数值（行 {rows}）；保持为空。",
)
UNREADABLE_CELLS = _found(
    "meter_unreadable_cells",
    Severity.SERIOUS,
    "{count} cells are no numbers and stay empty (rows {rows}); the first: row {row}, column '{column}': '{text}'.",
    "{count} 个单元格不是数值，保持为空（行 {rows}）；首个：第 {row} 行、列“{column}”：“{text}”。",
)
UNREADABLE_STAMPS = _found(
    "meter_unreadable_stamps",
    Severity.SERIOUS,
    "{count} rows have no readable time and are left out (rows {rows}); the first: row {row}: '{text}'.",
    "{count} 行的时间无法读取，未采用（行 {rows}）；首个：第 {row} 行：“{text}”。",
)
TOO_WIDE_ROWS = _found(
    "meter_rows_too_wide",
    Severity.SERIOUS,
    "{count} rows have more cells than the heading, so their values cannot be trusted and stay empty (rows {rows}). "
    "A decimal comma in a comma-separated file does this.",
    "{count} 行的单元格多于表头，其数值不可信，保持为空（行 {rows}）。逗号分隔文件中使用小数逗号会造成此问题。",
)
REPEATED_HEADER = _found(
    "meter_header_repeated",
    Severity.INFO,
    "The heading stands again in rows {rows}; these rows were skipped.",
    "表头在第 {rows} 行重复出现；已跳过。",
)
DUPLICATES_SAME = _found(
    "meter_duplicates_identical",
    Severity.WARNING,
    "{count} readings stand more than once with the same value; one of each was kept (rows left out: {rows}).",
    "{count} 个读数以相同数值重复出现；各保留一个（未采用的行：{rows}）。",
)
DUPLICATES_CONFLICT = _found(
    "meter_duplicates_conflicting",
    Severity.SERIOUS,
    "{count} intervals stand more than once with different values for {channel}; none was chosen, they stay empty "
    "(rows {rows}; the first at {first}).",
    "{count} 个时段的通道 {channel} 以不同数值重复出现；未作选择，保持为空（行 {rows}；首个为 {first}）。",
)
OUT_OF_ORDER = _found(
    "meter_rows_out_of_order",
    Severity.INFO,
    "{count} readings stand before earlier ones (rows {rows}); they were sorted by time.",
    "{count} 个读数未按时间先后排列（行 {rows}）；已按时间排序。",
)
OFF_GRID = _found(
    "meter_stamps_off_grid",
    Severity.SERIOUS,
    "{count} stamps do not lie on {step_min}-minute edges and are left out, not shifted (rows {rows}; "
    "the first at {first}).",
    "{count} 个时标不在 {step_min} 分钟刻度上，未采用也未移动（行 {rows}；首个为 {first}）。",
)
PARTIAL_INTERVAL = _found(
    "meter_partial_interval",
    Severity.INFO,
    "The reading at the edge of the file (row {row}, {stamp}) covers only part of a {step_min}-minute interval and is left out.",
    "文件边缘的读数（第 {row} 行，{stamp}）仅覆盖部分 {step_min} 分钟时段，未采用。",
)
PARTIAL_DAY = _found(
    "meter_partial_day",
    Severity.INFO,
    "The local day {day} at the edge of the file is incomplete: {n_steps} of {whole} intervals.",
    "文件边缘的本地日 {day} 不完整：{whole} 个时段中有 {n_steps} 个。",
)
NONEXISTENT_TIMES = _found(
    "meter_times_nonexistent",
    Severity.WARNING,
    "{count} stamps do not exist on the clock of {zone} (skipped at the change to summer time) and are left out "
    "(rows {rows}; the first: {first}).",
    "{count} 个时标在 {zone} 的时钟上不存在（夏令时跳过的时刻），未采用（行 {rows}；首个：{first}）。",
)
DOUBLED_HOUR_LOST = _found(
    "meter_doubled_hour_indistinct",
    Severity.WARNING,
    "{count} stamps in the hour that occurs twice on the clock of {zone} do not stand exactly twice, so nobody can say "
    "which of the two hours is meant; both stay empty (rows {rows}; the first: {first}).",
    "{zone} 时钟回拨的重复小时内有 {count} 个时标并非恰好出现两次，无法判断属于哪一个小时；两者均保持为空（行 {rows}；首个：{first}）。",
)
FLAT_LINE = _found(
    "meter_flat_line",
    Severity.WARNING,
    "The value stays at exactly {value_kw:g} kW for a day or longer in {runs} stretches ({hours:g} h in all); "
    "the first: {first} … {last} (rows {rows}). A frozen meter looks like this.",
    "数值有 {runs} 段连续一天以上恰为 {value_kw:g} kW 等固定值（共 {hours:g} 小时）；首段：{first} … {last}（行 {rows}）。电表冻结时会如此。",
)
LONG_ZERO = _found(
    "meter_long_zero",
    Severity.WARNING,
    "The value is 0 for a day or longer in {runs} stretches ({hours:g} h in all); the first: {first} … {last} "
    "(rows {rows}). Was the plant off, or is the value missing?",
    "数值有 {runs} 段连续一天以上为 0（共 {hours:g} 小时）；首段：{first} … {last}（行 {rows}）。是停产，还是缺数？",
)
SPIKES = _found(
    "meter_spikes",
    Severity.WARNING,
    "{count} values tower over their surroundings (the first: {value_kw:g} kW at {first}; rows {rows}). "
    "They were kept and marked as suspect.",
    "{count} 个数值远高于周围（首个：{first} 的 {value_kw:g} kW；行 {rows}）。数值保留，并标记为可疑。",
)
NEGATIVE_VALUES = _found(
    "meter_negative_values",
    Severity.SERIOUS,
    "{count} values of {channel} are negative (rows {rows}; the first: {value_kw:g} kW at {first}); they stay empty. "
    "If they mean export, give them as a column of their own.",
    "通道 {channel} 有 {count} 个负值（行 {rows}；首个：{first} 的 {value_kw:g} kW）；保持为空。若表示上网电量，请单列给出。",
)
NEGATIVE_REACTIVE = _found(
    "meter_reactive_negative",
    Severity.INFO,
    "{count} reactive values are negative (rows {rows}); the series holds their size, |forward| + |reverse|.",
    "{count} 个无功值为负（行 {rows}）；序列取其绝对值，即 |正向| + |反向|。",
)
LOOKS_CUMULATIVE = _found(
    "meter_looks_cumulative",
    Severity.SERIOUS,
    "The values of '{column}' never fall in {count} intervals: they look like register readings, not interval values. "
    "Do not quote on them before that is cleared.",
    "“{column}”的数值在 {count} 个时段中从不下降：看起来是电表示数而非时段值。澄清之前请勿据此报价。",
)
MULTIPLIER_COLUMN = _found(
    "meter_multiplier_column",
    Severity.WARNING,
    "The file has a multiplier column '{column}' (values {values}), which was not applied; the option multiplier "
    "= {multiplier} was. Check whether the values are already multiplied.",
    "文件含倍率列“{column}”（取值 {values}），未应用；采用的是选项 multiplier = {multiplier}。请核对数值是否已乘倍率。",
)
CHANNEL_LEFT_OUT = _found(
    "meter_channel_left_out",
    Severity.WARNING,
    "The columns {columns} were not used: several could be meant as {channel}.",
    "列 {columns} 未采用：多列都可能是通道 {channel}。",
)
ROWS_LEFT_OUT = _found(
    "meter_rows_of_other_kind",
    Severity.INFO,
    "{count} rows hold other quantities ({kinds}) and were not used.",
    "{count} 行为其他数据项（{kinds}），未采用。",
)

READ_AS = _found(
    "meter_read_as",
    Severity.INFO,
    "Read as {form}{encoding}{delimiter}; heading in row {header_row}, {title_rows} title rows above it.",
    "按 {form}{encoding}{delimiter} 读取；表头在第 {header_row} 行，其上有 {title_rows} 行标题。",
)
SHEET_USED = _found("meter_sheet_used", Severity.INFO, "Sheet '{sheet}' was read.", "读取了工作表“{sheet}”。")
COLUMNS_USED = _found(
    "meter_columns_used",
    Severity.INFO,
    "Columns: time from '{time}', import from '{imported}', export from '{exported}', reactive from '{reactive}'.",
    "列：时间取自“{time}”，正向有功取自“{imported}”，反向有功取自“{exported}”，无功取自“{reactive}”。",
)
LABELS_USED = _found(
    "meter_labels_used",
    Severity.INFO,
    "A stamp marks the {labels} of its interval: {why}.",
    "时标表示时段的 {labels}（start 起点，end 终点）：{why}。",
)
UNIT_USED = _found(
    "meter_unit_used",
    Severity.INFO,
    "{channel}: values are {unit} ({why}), times {multiplier}.",
    "通道 {channel}：数值单位为 {unit}（{why}），乘以 {multiplier}。",
)
STEP_USED = _found(
    "meter_step_used", Severity.INFO, "An interval is {step_min} min ({why}).", "时段长度为 {step_min} 分钟（{why}）。"
)
ZONE_WALL = _found(
    "meter_zone_wall_clock",
    Severity.INFO,
    "The stamps carry no UTC offset and were read on the clock of {zone}.",
    "时标不带 UTC 时差，按 {zone} 当地时间读取。",
)
ZONE_OFFSETS = _found(
    "meter_zone_offsets",
    Severity.INFO,
    "The stamps carry a UTC offset and were taken at their word.",
    "时标带 UTC 时差，按其所示读取。",
)
ZONE_MIXED = _found(
    "meter_zone_mixed",
    Severity.WARNING,
    "{count} stamps carry a UTC offset and were taken at their word; the others were read on the clock of {zone}.",
    "{count} 个时标带 UTC 时差，按其所示读取；其余按 {zone} 当地时间读取。",
)
DAY_ORDER_USED = _found(
    "meter_day_order_used",
    Severity.INFO,
    "Dates such as '{example}' are {order} ({why}).",
    "形如“{example}”的日期为 {order}（{why}）。",
)
DECIMAL_USED = _found(
    "meter_decimal_used",
    Severity.INFO,
    "Numbers of '{column}' use '{mark}' before the decimals ({why}).",
    "“{column}”的小数符号为“{mark}”（{why}）。",
)
MIDNIGHT_MOVED = _found(
    "meter_midnight_last",
    Severity.WARNING,
    "{count} stamps 0:00 stand last in their day and were read as 24:00 of that day (rows {rows}).",
    "{count} 个 0:00 时标位于当日末尾，按当日 24:00 读取（行 {rows}）。",
)
DOUBLED_HOUR_READ = _found(
    "meter_doubled_hour_read",
    Severity.INFO,
    "{count} stamps of the hour that occurs twice were told apart by their order in the file, earlier hour first "
    "(the first: {first}).",
    "重复小时内的 {count} 个时标按文件先后区分，先出现者为先一小时（首个：{first}）。",
)
METER_USED = _found("meter_id_used", Severity.INFO, "Meter '{meter_id}' ({why}).", "计量点“{meter_id}”（{why}）。")
METER_NAMELESS = _found(
    "meter_id_not_in_file",
    Severity.INFO,
    "The file names no meter; it is called '{meter_id}' here.",
    "文件未注明计量点；此处称为“{meter_id}”。",
)
ROWS_NAMELESS = _found(
    "meter_rows_nameless",
    Severity.WARNING,
    "{count} rows name no meter and were not used (rows {rows}).",
    "{count} 行未注明计量点，未采用（行 {rows}）。",
)
COLUMN_GUESSED = _found(
    "meter_value_column_guessed",
    Severity.WARNING,
    "'{column}' is the only column of numbers besides the time and was taken as import.",
    "“{column}”是时间之外唯一的数值列，按正向有功处理。",
)
UNIT_CONTRADICTS = _found(
    "meter_unit_contradicts",
    Severity.SERIOUS,
    "The heading '{column}' says {heading}, the option says {unit}; the option was followed.",
    "表头“{column}”为 {heading}，选项为 {unit}；已按选项处理。",
)
BARE_DATES = _found(
    "meter_bare_dates",
    Severity.WARNING,
    "{count} stamps have a date but no time of day and were read as 0:00 (rows {rows}).",
    "{count} 个时标只有日期而无时刻，按 0:00 读取（行 {rows}）。",
)
STEP_CHANGES = _found(
    "meter_step_changes",
    Severity.SERIOUS,
    "From {first} on {count} stamps in a row are {other_min:g} min apart, not {step_min}. Energy per interval is wrong "
    "there; read the parts with different steps as separate files.",
    "自 {first} 起连续 {count} 个时标间隔为 {other_min:g} 分钟，而非 {step_min} 分钟。该段的时段电量有误；请将不同间隔的部分分成不同文件读取。",
)
