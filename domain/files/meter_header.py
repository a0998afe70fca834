"""Where the heading of a table is and which column holds what."""

from domain.files.meter_errors import MeterNoTimeColumnError
from domain.files.meter_findings import cell_shown
from domain.files.meter_table import Cell, Table, is_blank
from domain.files.meter_words import Heading, Role, Unit, heading_of, plain_heading, unit_in
from domain.noun import noun
from domain.text import Text

HEADER_WITHIN = 60
MIN_SLOTS = 24
HEADINGS_SHOWN = 30


@noun(eq=False)
class Layout:
    """The heading of a table, understood."""

    header: int
    """Index of the heading in ``Table.rows``."""
    first: int
    """Index of the first row below the heading."""
    headings: tuple[Heading, ...]
    names: tuple[str, ...]
    """The headings as written."""
    title_unit: Unit | None
    """The unit named in the title rows, where exactly one is."""
    title_unit_from: str
    """The title that names it."""

    def of(self, role: Role) -> tuple[int, ...]:
        """Give the columns of a role."""
        return tuple(index for index, heading in enumerate(self.headings) if heading.role is role)

    @property
    def is_wide(self) -> bool:
        """Whether each row holds a whole day."""
        return len(self.of(Role.SLOT)) >= MIN_SLOTS

    @property
    def shown(self) -> str:
        """The headings as words."""
        return ", ".join(repr(name) for name in self.names[:HEADINGS_SHOWN] if name)


def layout_of(table: Table) -> Layout:
    """Find the heading row and understand it.

    Raises
    ------
    MeterNoTimeColumnError
        If none of the first rows names a time column.
    """
    best: tuple[int, int] | None = None
    for index, row in enumerate(table.rows[:HEADER_WITHIN]):
        score = _score(row)
        if score and (best is None or score > best[0]):
            best = (score, index)
    if best is None:
        raise MeterNoTimeColumnError(seen=_seen(table))
    return _layout(table, best[1])


def has_header(table: Table) -> bool:
    """Tell whether a table's first rows hold a heading of readings with something below it."""
    try:
        layout = layout_of(table)
    except MeterNoTimeColumnError:
        return False
    named = layout.is_wide or any(layout.of(role) for role in (Role.IMPORT, Role.EXPORT, Role.REACTIVE))
    return named and any(any(not is_blank(cell) for cell in row) for row in table.rows[layout.first :])


def is_same_header(row: list[Cell], names: tuple[str, ...]) -> bool:
    """Tell whether a row repeats the heading."""
    return bool(row) and plain_heading(row[0]) == plain_heading(names[0]) and _texts(row) == _texts(list(names))


def _texts(row: list[Cell]) -> list[str]:
    texts = [plain_heading(cell) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _score(row: list[Cell]) -> int:
    """Weigh a row as a heading: 0 for none, more with a load, most with a load that names its unit."""
    headings = [heading_of(cell) for cell in row if isinstance(cell, str) or not is_blank(cell)]
    roles = [heading.role for heading in headings]
    if Role.STAMP not in roles or len(headings) < 2:  # noqa: PLR2004 -- a table has two columns
        return 0
    if roles.count(Role.SLOT) >= MIN_SLOTS:
        return 4
    if Role.SLOT in roles:
        # A number among the headings is a row of readings, or a broken heading.
        return 0
    loads = [heading for heading in headings if heading.role in (Role.IMPORT, Role.EXPORT, Role.REACTIVE)]
    return 1 + bool(loads) + any(heading.is_explicit for heading in loads)


def _layout(table: Table, header: int) -> Layout:
    row = table.rows[header]
    names = tuple(_name(cell) for cell in row)
    first = header + 1
    if first < len(table.rows) and _is_unit_row(table.rows[first]):
        units = [_name(cell) for cell in table.rows[first]]
        units += [""] * (len(names) - len(units))
        names = tuple(f"{name} ({unit})" if unit else name for name, unit in zip(names, units, strict=False))
        row, first = list(names), first + 1
    title_unit, title = _title_unit(table.rows[:header])
    return Layout(
        header=header,
        first=first,
        headings=tuple(heading_of(cell) for cell in row),
        names=names,
        title_unit=title_unit,
        title_unit_from=title,
    )


def _name(cell: Cell) -> str:
    if is_blank(cell):
        return ""
    return " ".join(str(cell).split()) if isinstance(cell, str) else plain_heading(cell)


def _is_unit_row(row: list[Cell]) -> bool:
    written = [plain_heading(cell).strip("()[] ") for cell in row if not is_blank(cell)]
    return bool(written) and all(
        text.isascii()
        and len(text) <= len("kvarh")
        and text.isalpha()
        and (unit_in(text) is not None or unit_in(text, is_reactive=True) is not None)
        for text in written
    )


def _title_unit(rows: list[list[Cell]]) -> tuple[Unit | None, str]:
    titles = {
        unit: cell for row in rows for cell in row if isinstance(cell, str) and (unit := unit_in(plain_heading(cell)))
    }
    if len(titles) != 1:
        return None, ""
    unit, title = titles.popitem()
    return unit, cell_shown(title)


def _seen(table: Table) -> Text:
    for row in table.rows[:HEADER_WITHIN]:
        if row:
            first = ", ".join(repr(cell_shown(cell)) for cell in row[:10])
            return Text(en=f"The first row is: {first}.", zh=f"首行为：{first}。")
    return Text(en="", zh="")
