"""Figures as inline SVG whose words stay words, in any script, without fonts and without global state.

Matplotlib measures text with its own font, which knows no Chinese. So each label is drawn as an ASCII
stand-in of about its width and exchanged for the real words in the finished SVG, where the reader's
own fonts draw them.
"""

import html
import io
import re
import threading
import unicodedata

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK = "#1f2933"
FAINT = "#8d99a6"
GRID = "#dfe4ea"
TODAY = "#7b8794"
OFFER = "#0b6e99"
MOVED = "#0b6e99"
STILL = "#9fd0e3"
GAIN = "#2e8b57"
LOSS = "#c0532b"
EVENT = "#7a3e9d"
BAND_TINTS = ("#dceef8", "#eef5ea", "#fdf3dc", "#fbdcc6", "#f5c1b3")
"""Cheapest to dearest."""

_STAND_IN = re.compile(r"~(\d{4})n*~")
_HEAD = re.compile(r"^.*?(<svg\b)[^>]*?(viewBox=\"[^\"]*\")[^>]*>", re.DOTALL)
_RC_LOCK = threading.Lock()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


class Chart:
    """One figure under construction, and the words that its stand-ins stand for."""

    def __init__(self, *, width_in: float, height_in: float) -> None:
        self.figure = Figure(figsize=(width_in, height_in), layout="constrained", facecolor="none")
        FigureCanvasSVG(self.figure)
        self._words: list[str] = []

    def say(self, words: str) -> str:
        """Give the stand-in for some words."""
        number = len(self._words)
        self._words.append(words)
        return f"~{number:04d}{'n' * max(0, _width(words) - 6)}~"

    def axes(self, rows: int = 1, row: int = 1, share_x: Axes | None = None) -> Axes:
        """Add bare axes: no box, quiet grid."""
        axes = self.figure.add_subplot(rows, 1, row, sharex=share_x)
        axes.set_facecolor("none")
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(FAINT)
        axes.tick_params(colors=INK, labelsize=9, length=3, color=FAINT)
        axes.tick_params(axis="y", length=0)
        axes.set_axisbelow(True)
        return axes

    def svg(self, *, title: str) -> str:
        """Draw the figure as an SVG element that scales with the page and names itself to screen readers."""
        out = io.StringIO()
        # Matplotlib reads these from its global settings while it draws; the lock keeps threads apart.
        with _RC_LOCK, mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "wattplan", "font.size": 9}):
            self.figure.savefig(
                out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
            )
        drawn = _STAND_IN.sub(lambda found: html.escape(self._words[int(found.group(1))]), out.getvalue())
        label = html.escape(title, quote=True)
        head = _HEAD.match(drawn)
        if head is None:
            message = "Matplotlib drew no <svg> element"
            raise RuntimeError(message)
        return f'<svg {head.group(2)} role="img" aria-label="{label}">' + drawn[head.end() :].strip()


def legend_below(axes: Axes, handles: list[object], columns: int) -> None:
    """Put a legend under the axes, frameless."""
    axes.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.14),
        ncols=columns,
        frameon=False,
        fontsize=9,
        handlelength=1.6,
        columnspacing=1.6,
    )
