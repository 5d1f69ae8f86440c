"""Brick and steel: every colour, size and font of the product, for light and dark, and what is derived from them.

Nothing here knows Streamlit; charts, maps and the page style sheet read the same tokens, and `.streamlit/config.toml`
repeats them for the built-in widgets (a test compares the two).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

FONT = (
    "'Source Han Sans SC','Noto Sans CJK SC','PingFang SC','Microsoft YaHei','Segoe UI',"
    "'WenQuanYi Micro Hei','Noto Sans SC',sans-serif"
)
CAPTION_PX, BODY_PX, BLOCK_PX, PAGE_PX, HEADLINE_PX = 13, 15, 18, 24, 40
WIDE_PX = 860  # a chart that a phone moves from side to side
TREND_SETTINGS = ("neutral", "cn", "intl")
READABLE = 4.5  # WCAG 2 AA for text


@dataclass(frozen=True)
class Tokens:
    """One set of colours, as hexadecimal sRGB."""

    paper: str
    card: str
    ink: str
    muted: str
    rule: str
    brick: str
    steel: str
    moss: str
    ochre: str
    plum: str
    slate: str
    red: str
    green: str

    @property
    def categories(self) -> tuple[str, ...]:
        """The six category colours, in the order in which they are given out."""
        return (self.brick, self.steel, self.moss, self.ochre, self.plum, self.slate)

    @property
    def other(self) -> str:
        """The colour of "other" and of everything that only stands behind the subject."""
        return mix(self.muted, self.paper, 0.55)

    @property
    def missing(self) -> str:
        """The map fill of an area without a value."""
        return mix(self.muted, self.paper, 0.68)


LIGHT = Tokens(
    paper="#FBFAF7",
    card="#FFFFFF",
    ink="#1F2A33",
    muted="#5E6B75",
    rule="#DAD7CF",
    brick="#A63D2F",
    steel="#2F6690",
    moss="#5B7F4B",
    ochre="#B8862B",
    plum="#7A4E7E",
    slate="#6B7A86",
    red="#A63D2F",
    green="#3F6B35",
)
DARK = Tokens(
    paper="#14181C",
    card="#1C2228",
    ink="#E8E6E1",
    muted="#9BA7B0",
    rule="#333C44",
    brick="#E07A66",
    steel="#6FA8D6",
    moss="#93B882",
    ochre="#DDB25F",
    plum="#BB93BF",
    slate="#A3B0BA",
    red="#E07A66",
    green="#93B882",
)


def tokens(dark: bool) -> Tokens:
    """The colours of the dark or the light page."""
    return DARK if dark else LIGHT


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0-255) of "#RRGGBB".

    >>> rgb("#A63D2F")
    (166, 61, 47)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def rgba(colour: str, opacity: float) -> str:
    """The colour as CSS text with an opacity between 0 and 1.

    >>> rgba("#A63D2F", 0.15)
    'rgba(166,61,47,0.15)'
    """
    red, green, blue = rgb(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from the first to the second; shares outside 0 to 1 are cut off.

    >>> mix("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    part = min(max(share, 0.0), 1.0)
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(rgb(first), rgb(second), strict=True))


def _luminance(colour: str) -> float:
    shares = (c / 255 for c in rgb(colour))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """The WCAG 2 contrast ratio of two colours, 1 to 21.

    >>> round(contrast("#000000", "#FFFFFF"), 1)
    21.0
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=512)
def readable(colour: str, background: str, minimum: float = READABLE) -> str:
    """The colour itself if it can be read on the background, else moved towards black or white until it can."""
    away = max(("#000000", "#FFFFFF"), key=lambda end: contrast(end, background))
    steps = (mix(colour, away, step / 20) for step in range(21))
    return next(c for c in steps if contrast(c, background) >= minimum)


def text_on(fill: str) -> str:
    """Ink, white or black, the first that can be read on a fill (one of white and black always can)."""
    return next(c for c in (LIGHT.ink, "#FFFFFF", "#000000") if contrast(c, fill) >= READABLE)


def diverging(share: float, dark: bool = False) -> str:
    """Steel (-1) over paper (0) to brick (+1); the side of the neutral value decides the hue.

    >>> diverging(0.0), diverging(1.0), diverging(-1.0)
    ('#FBFAF7', '#A63D2F', '#2F6690')
    """
    t = tokens(dark)
    return mix(t.paper, t.brick if share > 0 else t.steel, abs(share))


def sequential(share: float, dark: bool = False) -> str:
    """Paper (0) to brick (1), for amounts that have no neutral value."""
    t = tokens(dark)
    return mix(t.paper, t.brick, share)


def diverging_scale(dark: bool = False) -> list[list[float | str]]:
    """The diverging colours as a Plotly colour scale; give it limits symmetric around the neutral value."""
    return [[(step + 5) / 10, diverging(step / 5, dark)] for step in range(-5, 6)]


def sequential_scale(dark: bool = False) -> list[list[float | str]]:
    """The sequential colours as a Plotly colour scale."""
    return [[step / 10, sequential(step / 10, dark)] for step in range(11)]


def trend_colour(change: float | None, setting: str = "neutral", dark: bool = False) -> str:
    """The colour of a published (already rounded) change; always to be shown with an arrow and a sign.

    `cn`: up red, down green; `intl`: up green, down red; `neutral`: up brick, down steel. None: muted.

    >>> trend_colour(0.5, "cn"), trend_colour(0.0, "cn")
    ('#A63D2F', '#5E6B75')
    """
    t = tokens(dark)
    pairs = {"cn": (t.red, t.green), "intl": (t.green, t.red), "neutral": (t.brick, t.steel)}
    if setting not in pairs:
        raise ValueError(f"trend_colour: {setting!r} is no trend setting; choose one of {', '.join(TREND_SETTINGS)}.")
    if not change:
        return t.muted
    return pairs[setting][0 if change > 0 else 1]


def metric_colour(change: float | None, setting: str = "neutral") -> str:
    """The name `st.metric` gives the colour of `trend_colour` (its palette is set to the tokens in config.toml)."""
    pairs = {"cn": ("red", "green"), "intl": ("green", "red"), "neutral": ("primary", "blue")}
    if setting not in pairs:
        raise ValueError(f"metric_colour: {setting!r} is no trend setting; choose one of {', '.join(TREND_SETTINGS)}.")
    return "gray" if not change else pairs[setting][0 if change > 0 else 1]


@lru_cache(maxsize=2)
def template(dark: bool = False) -> go.layout.Template:
    """The Plotly template of every chart: transparent, horizontal rules only, no legend, system fonts."""
    t = tokens(dark)
    axis = {"automargin": True, "linecolor": t.rule, "tickcolor": t.rule, "tickfont": {"color": t.muted}, "title": ""}
    layout = go.Layout(
        font={"family": FONT, "size": CAPTION_PX, "color": t.ink},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        colorway=list(t.categories),
        showlegend=False,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": t.ink}},
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        hoverlabel={"bgcolor": t.card, "bordercolor": t.rule, "font": {"family": FONT, "color": t.ink}},
        xaxis={**axis, "showgrid": False, "zeroline": False, "ticks": "outside", "ticklen": 4},
        yaxis={**axis, "gridcolor": t.rule, "zeroline": False, "showline": False, "tickformat": ",~r"},
        dragmode=False,
        separators=".,",
    )
    return go.layout.Template(layout=layout)


def page_css(dark: bool = False) -> str:
    """The style sheet of the page (without the style tag): tokens as variables, and the classes the blocks use."""
    t = tokens(dark)
    names = ("paper", "card", "ink", "muted", "rule", "brick", "steel", "red", "green")
    variables = "".join(f"--{name}:{getattr(t, name)};" for name in names)
    return f":root{{{variables}--sans:{FONT};}}{_SHEET}"


_SHEET = f"""
.stApp{{font-variant-numeric:tabular-nums;}}
.stMainBlockContainer{{max-width:1280px;padding-top:3rem;}}
.stApp [data-testid="stCaptionContainer"],.stApp [data-testid="stCaptionContainer"] p{{color:var(--muted);
  font-size:{CAPTION_PX}px;opacity:1;}}
.st-key-headline [data-testid="stMetricValue"]{{font-size:{HEADLINE_PX}px;}}
.legend{{display:flex;flex-wrap:wrap;align-items:center;gap:.3em .6em;font-size:{CAPTION_PX}px;color:var(--muted);}}
.legend .ramp{{display:inline-block;width:120px;height:10px;border:1px solid var(--rule);}}
.legend .swatch{{display:inline-block;width:12px;height:10px;border:1px solid var(--rule);}}
@media (max-width:640px){{.stMainBlockContainer{{padding-left:1rem;padding-right:1rem;}}.legend .ramp{{width:72px;}}
  [class*="st-key-wide-"]{{overflow-x:auto;}}[class*="st-key-wide-"]>div{{min-width:{WIDE_PX}px;}}}}
@media print{{.stSidebar,.stToolbar,[data-testid="stHeader"]{{display:none;}}
  .stApp{{background:#FFFFFF;}}[data-testid="stPlotlyChart"],.stVerticalBlock>div{{break-inside:avoid;}}}}
"""
