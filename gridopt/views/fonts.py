"""Which font can draw Chinese on this machine, without changing any global style."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib.font_manager import FontPath, FontProperties, fontManager
from matplotlib.ft2font import FT2Font

from gridopt.errors import InputError

FAMILIES = (
    "Microsoft YaHei",
    "DengXian",
    "PingFang SC",
    "Hiragino Sans GB",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "HarmonyOS Sans SC",
    "MiSans",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimSun",
    "NSimSun",
    "SimHei",
    "STHeiti",
    "Arial Unicode MS",
)
"""System families worth asking for, upright faces for figures first."""

PACKAGE = "pylopdf_fonts_zh_cn"
"""A package of font files only, Noto Sans SC and Noto Serif SC, both OFL 1.1."""

PACKAGE_FILE = "NotoSansSC-Regular.otf"

REPLACEMENT = "〓"
"""The printer's mark for a character that the font does not have."""

_REGULAR = (300, 500)


def must_draw() -> frozenset[int]:
    """List what a font has to cover: the Chinese characters of GB 2312, and more.

    The further ones stand in place names of the coast of Zhejiang.

    Returns
    -------
    frozenset of int
        Code points.

    Examples
    --------
    >>> ord("垟") in must_draw(), ord("网") in must_draw()
    (True, True)
    """
    pairs = (bytes((a, b)) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF))
    hanzi = b"".join(pairs).decode("gb2312", errors="ignore")
    return frozenset(map(ord, hanzi + "垟塂岙坎屿，。、；：“”〔〕《》（）〓"))


def chinese_font(size: float | None = None) -> FontProperties:
    """Give a font that draws Chinese, to be set on each label by itself.

    The system's fonts come first, each judged by the characters it has and not by
    its name; then the font package that is installed with `gridopt`.

    Parameters
    ----------
    size
        Points; the style's own where None.

    Raises
    ------
    InputError
        Where neither the system nor the package has such a font.

    Examples
    --------
    >>> chinese_font(9).get_size_in_points()
    9.0
    """
    return FontProperties(fname=font_path(), size=size)


@cache
def font_path() -> FontPath:
    """Find the font file, and the face in it, that `chinese_font` uses."""
    found = system_font() or package_font()
    if found is None:
        raise InputError(
            "本机没有可用的中文字体，图上的汉字无法显示："
            "请重新安装依赖（含字体包 pylopdf-fonts-zh-cn），或安装“思源黑体”。",
            "No font on this machine draws Chinese: reinstall the dependencies "
            "(font package pylopdf-fonts-zh-cn), or install Noto Sans SC.",
        )
    return found


def system_font() -> FontPath | None:
    """Find the first installed family of `FAMILIES` that covers `must_draw`."""
    for family in FAMILIES:
        faces = [
            FontPath(entry.fname, getattr(entry, "index", 0))
            for entry in fontManager.ttflist
            if entry.name == family and _is_plain(entry.style, entry.weight)
        ]
        for face in sorted(faces, key=lambda face: (face.path, face.face_index)):
            if covers(face):
                return face
    return None


def package_font() -> FontPath | None:
    """Find the font of the installed package; the package is not imported."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    face = FontPath(str(Path(spec.origin).with_name(PACKAGE_FILE)), 0)
    return face if covers(face) else None


def covers(face: FontPath, characters: frozenset[int] | None = None) -> bool:
    """Tell whether a face has a glyph for each of these code points.

    Parameters
    ----------
    characters
        Code points; those of `must_draw` where None.
    """
    wanted = must_draw() if characters is None else characters
    return wanted <= _characters(face)


def drawable(text: str) -> str:
    r"""Replace what the font cannot draw, so that no empty box is printed.

    A dollar sign is escaped: between two of them matplotlib would read a formula.

    Examples
    --------
    >>> drawable("玉城街道\U0010ffff")
    '玉城街道〓'
    """
    known = _characters(font_path())
    drawn = (c if c == "\n" or ord(c) in known else REPLACEMENT for c in text)
    return "".join(drawn).replace("$", r"\$")


@cache
def _characters(face: FontPath) -> frozenset[int]:
    try:
        font = FT2Font(face.path, face_index=face.face_index)
    except (OSError, RuntimeError):  # removed or damaged since matplotlib listed it
        return frozenset()
    return frozenset(font.get_charmap())


def _is_plain(style: str, weight: int | str) -> bool:
    if style != "normal":
        return False
    return not isinstance(weight, int) or _REGULAR[0] <= weight <= _REGULAR[1]
