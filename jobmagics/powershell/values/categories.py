r"""``\p{...}`` of .NET's patterns as what stands in a set of Python's: general categories and named blocks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# The blocks by .NET's names, first and last character.
_BLOCKS = {
    "IsBasicLatin": "0000-007F", "IsLatin-1Supplement": "0080-00FF", "IsLatinExtended-A": "0100-017F",
    "IsLatinExtended-B": "0180-024F", "IsIPAExtensions": "0250-02AF", "IsSpacingModifierLetters": "02B0-02FF",
    "IsCombiningDiacriticalMarks": "0300-036F", "IsGreek": "0370-03FF", "IsGreekandCoptic": "0370-03FF",
    "IsCyrillic": "0400-04FF", "IsCyrillicSupplement": "0500-052F", "IsArmenian": "0530-058F", "IsHebrew": "0590-05FF",
    "IsArabic": "0600-06FF", "IsDevanagari": "0900-097F", "IsBengali": "0980-09FF", "IsThai": "0E00-0E7F",
    "IsGeorgian": "10A0-10FF", "IsHangulJamo": "1100-11FF", "IsLatinExtendedAdditional": "1E00-1EFF",
    "IsGreekExtended": "1F00-1FFF", "IsGeneralPunctuation": "2000-206F", "IsSuperscriptsandSubscripts": "2070-209F",
    "IsCurrencySymbols": "20A0-20CF", "IsCombiningDiacriticalMarksforSymbols": "20D0-20FF",
    "IsCombiningMarksforSymbols": "20D0-20FF", "IsLetterlikeSymbols": "2100-214F", "IsNumberForms": "2150-218F",
    "IsArrows": "2190-21FF", "IsMathematicalOperators": "2200-22FF", "IsMiscellaneousTechnical": "2300-23FF",
    "IsBoxDrawing": "2500-257F", "IsBlockElements": "2580-259F", "IsGeometricShapes": "25A0-25FF",
    "IsMiscellaneousSymbols": "2600-26FF", "IsDingbats": "2700-27BF", "IsBraillePatterns": "2800-28FF",
    "IsCJKSymbolsandPunctuation": "3000-303F", "IsHiragana": "3040-309F", "IsKatakana": "30A0-30FF",
    "IsBopomofo": "3100-312F", "IsHangulCompatibilityJamo": "3130-318F",
    "IsCJKUnifiedIdeographsExtensionA": "3400-4DBF", "IsCJKUnifiedIdeographs": "4E00-9FFF",
    "IsHangulSyllables": "AC00-D7AF", "IsHighSurrogates": "D800-DB7F", "IsHighPrivateUseSurrogates": "DB80-DBFF",
    "IsLowSurrogates": "DC00-DFFF", "IsPrivateUse": "E000-F8FF", "IsPrivateUseArea": "E000-F8FF",
    "IsCJKCompatibilityIdeographs": "F900-FAFF", "IsCombiningHalfMarks": "FE20-FE2F",
    "IsHalfwidthandFullwidthForms": "FF00-FFEF", "IsSpecials": "FFF0-FFFF",
}  # fmt: skip
_CATEGORIES = frozenset(
    re.findall("[A-Z][a-z]?", "LLuLlLtLmLoMMnMcMeNNdNlNoPPcPdPsPePiPfPoSSmScSkSoZZsZlZpCCcCfCsCoCn")
)


@lru_cache(maxsize=64)
def set_of(name: str, negated: bool = False) -> str | None:
    """What the property is true of (or not), as ranges of UTF-16 units; None where .NET has none of that name."""
    block = _BLOCKS.get(name)
    if block is not None:
        first, last = (int(end, 16) for end in block.split("-"))
        return _ranges(lambda code: (first <= code <= last) != negated)
    if name not in _CATEGORIES:
        return None
    return _ranges(lambda code: unicodedata.category(chr(code)).startswith(name) != negated)


def _ranges(holds: Callable[[int], bool]) -> str:
    found: list[list[int]] = []
    for code in filter(holds, range(0x10000)):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in found)
