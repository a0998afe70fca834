"""Half-open UTC grids, zones, and the calendar of working days."""

from domain.time.calendar import DAY_TAGS, SATURDAY, WEEKDAY_TAGS, Calendar
from domain.time.grid import LocalDay, TimeGrid, local_midnight, month_start, next_month, said_at, zone_of
