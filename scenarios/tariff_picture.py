"""A tariff's year as a picture: months down, hours across, a panel per kind of day; SVG or PNG."""

import io
import unicodedata
from calendar import month_abbr
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from domain.errors import WattplanError
from domain.text import Language, Text
from scenarios.report_svg import FAINT, INK, Chart
from scenarios.tariff_year import NONE, Level, Panel, YearView, price_words, spans

SUFFIXES = (".svg", ".png")
COOL_TO_WARM = LinearSegmentedColormap.from_list("bands", ["#2c7fb8", "#a6d5e8", "#f4f1c6", "#f6a561", "#c43c39"])
WINDOW_COLOURS = ("#e6ebf0", "#c43c39")
MISSING = "#ffffff"
MOST_IN_LEGEND = 10
DPI = 150
PANEL_WIDTH_IN, ROW_HEIGHT_IN, LEGEND_ROW_IN = 4.2, 0.26, 0.24
SMALLEST_WIDTH_IN = 6.4
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "SimHei",
    "PingFang SC",
)
HOURS = Text(en="hour of the day ({zone})", zh="时刻（{zone}）")
LOWEST = Text(en="{price} (lowest of {n})", zh="{price}（{n} 个价格中最低）")
HIGHEST = Text(en="{price} (highest)", zh="{price}（最高）")
NO_SUCH_DAY = Text(en="no such day", zh="无此类日")


class PictureKindError(WattplanError):
    """A picture was asked for in a file of a kind that is not drawn."""

    code = "picture_kind"
    words = Text(
        en="{path}: pictures are drawn as {kinds}. Name the file so.", zh="{path}：图片格式为 {kinds}，请如此命名文件。"
    )


class PictureFontError(WattplanError):
    """No font of this machine has Chinese characters, which a PNG needs; an SVG leaves them to its reader."""

    code = "picture_font"
    words = Text(
        en="No Chinese font is installed to write {text!r} into a PNG (looked for: {fonts}). Ask for an .svg file, or for "
        "--language en.",
        zh="未安装中文字体，无法在 PNG 中写入“{text}”（已查找：{fonts}）。请改用 .svg 文件，或使用 --language en。",
    )


def draw_year(
    views: Sequence[YearView], path: Path, *, title: str, currency: str, zone: str, language: Language
) -> None:
    """Write the pictures of a year into one file, one below the other.

    Raises
    ------
    PictureKindError
        If the file is neither SVG nor PNG.
    PictureFontError
        If a PNG is to hold Chinese and no font has it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise PictureKindError(path=path.name, kinds=", ".join(SUFFIXES))
    rows = [_height_in(view) for view in views]
    width_in = max(SMALLEST_WIDTH_IN, PANEL_WIDTH_IN * max(len(view.panels) for view in views))
    size = {"width_in": width_in, "height_in": sum(rows) + 0.5}
    painter = _Painter(title=title, currency=currency, zone=zone, language=language)
    if suffix == ".svg":
        chart = Chart(**size)
        chart.figure.set_facecolor(MISSING)
        painter.paint(chart.figure, views, rows, chart.say)
        path.write_text(_standing_alone(chart.svg(title=title), size), encoding="utf-8")
        return
    font = _chinese_font()

    def say(words: str) -> str:
        if font is None and any(unicodedata.east_asian_width(letter) in "WF" for letter in words):
            raise PictureFontError(text=words, fonts=", ".join(CHINESE_FONTS))
        return words

    figure = Figure(figsize=(size["width_in"], size["height_in"]), layout="constrained", facecolor=MISSING)
    FigureCanvasAgg(figure)
    with mpl.rc_context(None if font is None else {"font.family": font}):
        painter.paint(figure, views, rows, say)
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    path.write_bytes(out.getvalue())


def _chinese_font() -> str | None:
    known = {one.name for one in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in known), None)


def _standing_alone(svg: str, size: dict[str, float]) -> str:
    """Give an inline SVG the size and the names that a file of its own needs."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    measures = f'width="{size["width_in"]:.2f}in" height="{size["height_in"]:.2f}in"'
    return svg.replace("<svg ", f"<svg {names} {measures} ", 1) + "\n"


def _height_in(view: YearView) -> float:
    legend_rows = 1 if len(view.levels) > MOST_IN_LEGEND else -(-len(view.levels) // 3)
    return 12 * ROW_HEIGHT_IN + LEGEND_ROW_IN * legend_rows + 1.1


class _Painter:
    """Draws views with the words of one language."""

    def __init__(self, *, title: str, currency: str, zone: str, language: Language) -> None:
        self.title, self.currency, self.zone, self.language = title, currency, zone, language
        self.say: Callable[[str], str] = str

    def paint(
        self, figure: Figure, views: Sequence[YearView], rows: Sequence[float], say: Callable[[str], str]
    ) -> None:
        """Draw the views into a figure; ``say`` puts words the way its canvas wants them."""
        self.say = say
        figure.suptitle(say(self.title), fontsize=11, color=INK, x=0.01, ha="left")
        parts = figure.subfigures(len(views), 1, height_ratios=list(rows), squeeze=False)[:, 0]
        for part, view in zip(parts, views, strict=True):
            axes = part.subplots(1, len(view.panels), sharey=True, squeeze=False)[0]
            for place, (one, panel) in enumerate(zip(axes, view.panels, strict=True)):
                self._panel(one, panel, view.levels, is_first=place == 0)
            part.supylabel(say(view.title.say(self.language)), fontsize=9, color=INK)
            self._legend(part, view.levels)

    def _panel(self, axes: Axes, panel: Panel, levels: Sequence[Level], *, is_first: bool) -> None:
        axes.set_title(self.say(panel.title().say(self.language)), fontsize=9, color=INK)
        axes.set_xlim(0, 24)
        axes.set_ylim(12.5, 0.5)
        axes.set_xticks(range(0, 25, 3))
        axes.set_yticks(range(1, 13))
        if is_first:
            chinese = self.language is Language.ZH
            axes.set_yticklabels([self.say(f"{n}月" if chinese else month_abbr[n]) for n in range(1, 13)])
        axes.set_xlabel(self.say(HOURS.say(self.language, zone=self.zone)), fontsize=8, color=INK)
        axes.tick_params(labelsize=8, length=2, color=FAINT, labelcolor=INK)
        for side in axes.spines.values():
            side.set_color(FAINT)
        for month in set(range(1, 13)) - set(panel.months):
            words = self.say(NO_SUCH_DAY.say(self.language))
            axes.text(12, month, words, ha="center", va="center", fontsize=7, color=FAINT)
        for month, tables in panel.months.items():
            n_days = sum(len(one.days) for one in tables)
            top = month - 0.5
            for table in tables:
                height = len(table.days) / n_days
                for first, stop, level in spans(table.levels):
                    if level != NONE:
                        self._block(axes, (first, stop), (top, height), colour_of(level, levels))
                top += height

    @staticmethod
    def _block(axes: Axes, across: tuple[int, int], down: tuple[float, float], colour: str) -> None:
        first, stop = across
        top, height = down
        axes.add_patch(Rectangle((first / 60, top), (stop - first) / 60, height, facecolor=colour, linewidth=0))
        axes.plot([first / 60, stop / 60], [top, top], color=MISSING, linewidth=0.6, solid_capstyle="butt")

    def _legend(self, part: Figure, levels: Sequence[Level]) -> None:
        if len(levels) > MOST_IN_LEGEND:
            ends = ((0, LOWEST), (len(levels) - 1, HIGHEST))
            handles = []
            for number, words in ends:
                said = words.say(
                    self.language, n=len(levels), price=price_words(levels[number], self.currency, self.language)
                )
                handles.append(Patch(facecolor=colour_of(number, levels), label=self.say(said)))
        else:
            handles = [
                Patch(
                    facecolor=colour_of(number, levels),
                    edgecolor=FAINT,
                    linewidth=0.4,
                    label=self.say(self._words(one)),
                )
                for number, one in enumerate(levels)
            ]
        part.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=8, labelcolor=INK)

    def _words(self, level: Level) -> str:
        price = price_words(level, self.currency, self.language)
        label = level.label.say(self.language)
        return f"{label}  {price}" if price else label


def colour_of(number: int, levels: Sequence[Level]) -> str:
    """Give a level's colour: cool for the cheapest, warm for the dearest, by price; a window by whether it counts."""
    level = levels[number]
    if level.price_per_kwh is None:
        return WINDOW_COLOURS[min(number, 1)] if len(levels) > 1 else WINDOW_COLOURS[1]
    low, high = (float(one.is_dear_by) for one in (levels[0], levels[-1]))
    place = 0.5 if high == low else (float(level.is_dear_by) - low) / (high - low)
    return mpl.colors.to_hex(COOL_TO_WARM(place))
