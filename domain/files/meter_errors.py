"""Refusals of the meter reader: what a file lacks, where, and how to mend it."""

from domain.errors import WattplanError
from domain.text import Text


class MeterFileError(WattplanError, ValueError):
    """The base of every refusal of a meter file."""

    code = "meter_file"
    words = Text(en="The meter file cannot be read: {problem}", zh="无法读取电表文件：{problem}")


class MeterFileMissingError(MeterFileError):
    """The path leads to nothing that can be read."""

    code = "meter_file_missing"
    words = Text(
        en="{path} cannot be opened: {reason}. Check the path and the rights.",
        zh="无法打开 {path}：{reason}。请检查路径和权限。",
    )


class MeterFileEmptyError(MeterFileError):
    """The file holds nothing."""

    code = "meter_file_empty"
    words = Text(en="The file is empty. Export it again from the meter portal.", zh="文件为空。请从计量系统重新导出。")


class MeterFileTooLargeError(MeterFileError):
    """The file is larger than any meter file we are willing to unpack."""

    code = "meter_file_too_large"
    words = Text(
        en="The file is too large: {what} exceeds {limit}. Split it, for example by year.",
        zh="文件过大：{what}超过 {limit}。请拆分，例如按年拆分。",
    )


class MeterFileCorruptError(MeterFileError):
    """The file says what it is but breaks its own format."""

    code = "meter_file_corrupt"
    words = Text(
        en="The {kind} file is damaged ({reason}). Export or save it again.",
        zh="该 {kind} 文件已损坏（{reason}）。请重新导出或另存。",
    )


class MeterNotATableError(MeterFileError):
    """The file is no table of readings."""

    code = "meter_not_a_table"
    words = Text(
        en="The file is no table of readings: {what}. Save it as .xlsx or as CSV with comma, semicolon or tab.",
        zh="该文件不是读数表：{what}。请另存为 .xlsx，或以逗号、分号、制表符分隔的 CSV。",
    )


class MeterEncodingUnknownError(MeterFileError):
    """The text is in none of the known encodings."""

    code = "meter_encoding_unknown"
    words = Text(
        en="The text is neither UTF-8, UTF-16 with a byte-order mark nor GB18030 (byte {position}). Save it as UTF-8.",
        zh="文本不是 UTF-8、带 BOM 的 UTF-16 或 GB18030（第 {position} 字节）。请另存为 UTF-8。",
    )


class MeterSheetUnknownError(MeterFileError):
    """The workbook has no sheet of the name asked for."""

    code = "meter_sheet_unknown"
    words = Text(
        en="There is no sheet {sheet!r}; the workbook has: {sheets}.", zh="没有工作表 {sheet!r}；工作簿包含：{sheets}。"
    )


class MeterSheetsSeveralError(MeterFileError):
    """More than one sheet could be meant."""

    code = "meter_sheets_several"
    words = Text(
        en="Several sheets hold readings: {sheets}. Say which one with the option 'sheet'.",
        zh="多个工作表含有读数：{sheets}。请用选项 'sheet' 指定。",
    )


class MeterNoTimeColumnError(MeterFileError):
    """No column tells when a value was measured."""

    code = "meter_no_time_column"
    words = Text(
        en="No heading row with a time column was found. {seen} Name the column timestamp, or date and time; "
        "a column of dates without a time of day is not enough.",
        zh="未找到含时间列的表头。{seen}请将该列命名为“数据时间”，或“日期”加“时间”；仅有日期而无时刻不够。",
    )


class MeterNoValueColumnError(MeterFileError):
    """No column holds interval values."""

    code = "meter_no_value_column"
    words = Text(
        en="No column of interval energy or power was found among: {headings}. Name it like 'import (kWh)' or "
        "'import (kW)', or name it with the option 'value_column'. Register readings are not interval values.",
        zh="以下列中没有时段电量或功率：{headings}。请命名为“正向有功电量(kWh)”或“有功功率(kW)”，"
        "或用选项 'value_column' 指定。电表示数不是时段值。",
    )


class MeterColumnAmbiguousError(MeterFileError):
    """More than one column could be the load."""

    code = "meter_column_ambiguous"
    words = Text(
        en="Several columns could be the import: {columns}. Say which one with the option 'value_column'.",
        zh="多列可能是正向有功：{columns}。请用选项 'value_column' 指定。",
    )


class MeterUnitUnknownError(MeterFileError):
    """Neither the heading nor the caller says whether values are energy or power."""

    code = "meter_unit_unknown"
    words = Text(
        en="The column {column!r} does not say whether its values are kWh per interval or kW. "
        "Add the unit to the heading or give the option 'unit' (kwh or kw).",
        zh="列 {column!r} 未说明数值是每时段 kWh 还是 kW。请在表头加上单位，或给出选项 'unit'（kwh 或 kw）。",
    )


class MeterLabelsUnknownError(MeterFileError):
    """The stamps do not tell whether they begin or end their interval."""

    code = "meter_labels_unknown"
    words = Text(
        en="The stamps run from {first} to {last}; that does not tell whether a stamp starts or ends its interval. "
        "Give the option 'labels' (start or end); utilities in China usually mark the end.",
        zh="时标从 {first} 到 {last}，无法判断时标是时段起点还是终点。请给出选项 'labels'（start 或 end）；国内电网导出通常为终点。",
    )


class MeterLabelsContradictError(MeterFileError):
    """The caller's labels cannot be true for this file."""

    code = "meter_labels_contradict"
    words = Text(
        en="The option labels = {labels} contradicts the file: {evidence}. Drop the option or mend the file.",
        zh="选项 labels = {labels} 与文件矛盾：{evidence}。请去掉该选项或更正文件。",
    )


class MeterDayOrderUnknownError(MeterFileError):
    """Dates such as 3/4/2024 can be read two ways, and the file does not tell which."""

    code = "meter_day_order_unknown"
    words = Text(
        en="Dates such as {example!r} can be day/month or month/day: {evidence}. "
        "Give the option 'day_first' (true or false) or write dates as 2024-04-03.",
        zh="日期 {example!r} 可能是 日/月 或 月/日：{evidence}。请给出选项 'day_first'，或将日期写成 2024-04-03。",
    )


class MeterDecimalUnknownError(MeterFileError):
    """Numbers such as 1,234 can be read two ways, and the file does not tell which."""

    code = "meter_decimal_unknown"
    words = Text(
        en="The number {example!r} in column {column!r} can be read two ways. Give the option 'decimal_comma' "
        "(true: 1,5 is one and a half; false: 1,500 is one thousand five hundred).",
        zh="列 {column!r} 中的数 {example!r} 有两种读法。请给出选项 'decimal_comma'（true：1,5 为一点五；false：1,500 为一千五百）。",
    )


class MeterStepUnknownError(MeterFileError):
    """The distance between stamps is none a meter uses, or cannot be told."""

    code = "meter_step_unknown"
    words = Text(
        en="The usual distance between stamps is {found}; the reader knows 1, 5, 10, 15, 30 and 60 minutes. "
        "Give interval data, or for very few rows the option 'step_min'.",
        zh="时标之间的常见间隔为 {found}；仅支持 1、5、10、15、30、60 分钟。请提供时段数据；行数过少时请给出选项 'step_min'。",
    )


class MeterStepContradictsError(MeterFileError):
    """The caller's step is not the file's."""

    code = "meter_step_contradicts"
    words = Text(
        en="The option step_min = {step_min} contradicts the file, whose stamps are {found_min:g} minutes apart.",
        zh="选项 step_min = {step_min} 与文件矛盾：文件时标间隔为 {found_min:g} 分钟。",
    )


class MeterOffGridError(MeterFileError):
    """Most stamps do not lie on the edges of the steps."""

    code = "meter_off_grid"
    words = Text(
        en="{count} of {total} stamps do not lie on {step_min}-minute edges of the UTC hour (first: row {row}, {stamp}). "
        "Export values on full steps; nothing is shifted by itself.",
        zh="{total} 个时标中有 {count} 个不在 UTC 整点的 {step_min} 分钟刻度上（首个：第 {row} 行，{stamp}）。"
        "请按整时段导出；系统不会自行移动。",
    )


class MultipleMetersError(MeterFileError):
    """The file holds several meters and none was named."""

    code = "meters_several"
    words = Text(
        en="The file holds {count} meters: {meters}. Say which one with the option 'meter_id'.",
        zh="文件包含 {count} 个计量点：{meters}。请用选项 'meter_id' 指定。",
    )


class MeterUnknownError(MeterFileError):
    """The meter asked for is not in the file."""

    code = "meter_unknown"
    words = Text(
        en="There is no meter {meter_id!r} in the file; it holds: {meters}.",
        zh="文件中没有计量点 {meter_id!r}；文件包含：{meters}。",
    )


class MeterTooManyUnreadableError(MeterFileError):
    """So much cannot be read that the rest must not be trusted."""

    code = "meter_too_many_unreadable"
    words = Text(
        en="{count} of {total} {what} cannot be read; the first is row {row}, column {column!r}: {text!r}. "
        "Write stamps like 2024-04-03 00:15 (year in four digits) and numbers like 12.5.",
        zh="{total} 个{what}中有 {count} 个无法读取；首个为第 {row} 行、列 {column!r}：{text!r}。"
        "时标请写成 2024-04-03 00:15（四位年份），数值请写成 12.5。",
    )


class MeterNoReadingsError(MeterFileError):
    """There is a heading but nothing to read below it."""

    code = "meter_no_readings"
    words = Text(
        en="Below the heading in row {row} there is no single usable reading.",
        zh="第 {row} 行表头之下没有任何可用读数。",
    )
