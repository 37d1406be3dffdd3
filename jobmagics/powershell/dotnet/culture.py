"""CultureInfo and its number and date formats, TextInfo, Calendar.

en-US and the invariant culture are complete; a handful of others know their separators, currency, date patterns and
names; any other name is accepted and formats as en-US does.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
from typing import Any

from ...psobject import PSList
from ..values import date_formats, number_formats
from ..values.casing import lower, upper
from ..values.date_formats import DateSymbols
from ..values.formats import set_current_culture
from ..values.number_formats import NumberSymbols
from .enums import enum_value
from .table import Members, NetObject, argument_null, declare, net_error
from .unicode import CompareInfo

NAMESPACE = "System.Globalization."
# name: (English name, decimal, group, currency symbol, symbol after the number, short date, long time)
_KNOWN = {
    "en-US": ("English (United States)", ".", ",", "$", False, "M/d/yyyy", "h:mm:ss tt"),
    "en-GB": ("English (United Kingdom)", ".", ",", "£", False, "dd/MM/yyyy", "HH:mm:ss"),
    "de-DE": ("German (Germany)", ",", ".", "€", True, "dd.MM.yyyy", "HH:mm:ss"),
    "fr-FR": ("French (France)", ",", "\u202f", "€", True, "dd/MM/yyyy", "HH:mm:ss"),
    "es-ES": ("Spanish (Spain)", ",", ".", "€", True, "d/M/yyyy", "H:mm:ss"),
    "it-IT": ("Italian (Italy)", ",", ".", "€", True, "dd/MM/yyyy", "HH:mm:ss"),
    "nl-NL": ("Dutch (Netherlands)", ",", ".", "€", False, "dd-MM-yyyy", "HH:mm:ss"),
    "sv-SE": ("Swedish (Sweden)", ",", "\xa0", "kr", True, "yyyy-MM-dd", "HH:mm:ss"),
    "pl-PL": ("Polish (Poland)", ",", "\xa0", "zł", True, "d.MM.yyyy", "HH:mm:ss"),
    "pt-BR": ("Portuguese (Brazil)", ",", ".", "R$", False, "dd/MM/yyyy", "HH:mm:ss"),
    "ja-JP": ("Japanese (Japan)", ".", ",", "￥", False, "yyyy/MM/dd", "H:mm:ss"),
    "zh-CN": ("Chinese (China)", ".", ",", "¥", False, "yyyy/M/d", "HH:mm:ss"),
}
_NAMES = {
    "de": (
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
    ),
    "fr": (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "dimanche lundi mardi mercredi jeudi vendredi samedi",
    ),
    "es": (
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "domingo lunes martes miércoles jueves viernes sábado",
    ),
    "it": (
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "domenica lunedì martedì mercoledì giovedì venerdì sabato",
    ),
}
LCIDS = {"": 127, "en-US": 1033, "en-GB": 2057, "de-DE": 1031, "fr-FR": 1036, "es-ES": 3082, "ja-JP": 1041}
CUSTOM_LCID = 4096


class NumberFormat(NetObject):
    """NumberFormatInfo: symbols that a script may change."""

    net_type = NAMESPACE + "NumberFormatInfo"

    def __init__(self, symbols: NumberSymbols) -> None:
        self.number_symbols = symbols


class DateFormat(NetObject):
    """DateTimeFormatInfo."""

    net_type = NAMESPACE + "DateTimeFormatInfo"

    def __init__(self, symbols: DateSymbols) -> None:
        self.date_symbols = symbols


class Culture(NetObject):
    """CultureInfo."""

    net_type = NAMESPACE + "CultureInfo"
    ps_as_string = False

    def __init__(self, name: str) -> None:
        folded = name.lower().replace("_", "-")
        known = next((known for known in ("", *_KNOWN) if known.lower() == folded), None)
        self.name = _spelled(name) if known is None else known
        self.number_symbols = _numbers(self.name)
        self.date_symbols = _dates(self.name)

    @property
    def lcid(self) -> int:
        return LCIDS.get(self.name, CUSTOM_LCID)

    @property
    def english_name(self) -> str:
        if not self.name:
            return "Invariant Language (Invariant Country)"
        known = _KNOWN.get(self.name)
        return known[0] if known else self.name

    def ps_to_string(self) -> str:
        return self.name

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, Culture) and other.name == self.name


def _spelled(name: str) -> str:
    if not all(part.isalnum() for part in name.split("-")) or len(name.partition("-")[0]) > 8:
        raise net_error(
            "System.Globalization.CultureNotFoundException",
            f"Culture is not supported. (Parameter 'name')\n{name} is an invalid culture identifier.",
        )
    language, _, region = name.partition("-")
    return language.lower() + (f"-{region.upper()}" if region else "")


def _numbers(name: str) -> NumberSymbols:
    if not name:
        return dataclasses.replace(number_formats.INVARIANT)
    known = _KNOWN.get(name)
    if known is None or name == "en-US":
        return dataclasses.replace(number_formats.EN_US)
    _, point, comma, symbol, after, _, _ = known
    return dataclasses.replace(
        number_formats.EN_US,
        decimal_separator=point,
        group_separator=comma,
        currency_symbol=symbol,
        currency_decimal_separator=point,
        currency_group_separator=comma,
        currency_positive="{n}\xa0{s}" if after else "{s}{n}",
        currency_negative="-{n}\xa0{s}" if after else "-{s}{n}",
        percent_positive="{n}\xa0{s}" if name[:2] in ("de", "fr", "es", "sv") else "{n}{s}",
    )


def _dates(name: str) -> DateSymbols:
    if not name:
        return dataclasses.replace(date_formats.INVARIANT)
    known = _KNOWN.get(name)
    if known is None or name == "en-US":
        return dataclasses.replace(date_formats.EN_US)
    short_date, long_time = known[5], known[6]
    separator = next((char for char in "/.-" if char in short_date), "/")
    symbols = dataclasses.replace(
        date_formats.EN_US,
        short_date=short_date,
        long_date="dddd, d MMMM yyyy"
        if name == "en-GB"
        else "dddd, d. MMMM yyyy"
        if name[:2] == "de"
        else "dddd d MMMM yyyy",
        long_time=long_time,
        short_time=long_time.replace(":ss", ""),
        date_separator=separator,
        first_day=0 if name in ("ja-JP", "pt-BR") else 1,
    )
    words = _NAMES.get(name[:2])
    if words:
        symbols.months, symbols.days = words[0].split(), words[1].split()
        symbols.short_months = [word[:3] for word in symbols.months]
        symbols.short_days = [word[:2] if name[:2] == "de" else word[:3] for word in symbols.days]
    return symbols


INVARIANT = Culture("")
_CURRENT: dict[str, Culture] = {"culture": Culture("en-US"), "ui": Culture("en-US")}


def current_culture() -> Culture:
    return _CURRENT["culture"]


def _set_current(which: str) -> Any:
    def put(new: Culture | None) -> None:
        if new is None:
            raise argument_null("value")
        _CURRENT[which] = new
        if which == "culture":
            set_current_culture(new)

    return put


class TextInfo(NetObject):
    net_type = NAMESPACE + "TextInfo"

    def __init__(self, culture: Culture) -> None:
        self.culture = culture

    def ps_to_string(self) -> str:
        return f"TextInfo - {self.culture.name}"


CULTURE = declare(NAMESPACE + "CultureInfo")
CULTURE.constant("cultureinfo InvariantCulture", INVARIANT)
CULTURE.static_property("cultureinfo CurrentCulture", current_culture, _set_current("culture"))
CULTURE.static_property("cultureinfo CurrentUICulture", lambda: _CURRENT["ui"], _set_current("ui"))
CULTURE.static_property("cultureinfo DefaultThreadCurrentCulture", lambda: None, lambda new: None)
CULTURE.static_property("cultureinfo InstalledUICulture", lambda: _CURRENT["ui"])
CULTURE.constructor("cultureinfo(string name)", "cultureinfo(string name, bool useUserOverride)")(
    lambda kind, name, override=True: Culture(name)
)
CULTURE.static("cultureinfo GetCultureInfo(string name)", "cultureinfo CreateSpecificCulture(string name)")(Culture)
CULTURE.static("cultureinfo GetCultureInfo(int culture)")(
    lambda number: Culture(next((name for name, one in LCIDS.items() if one == number), "en-US"))
)
CULTURE.static(f"cultureinfo[] GetCultures({NAMESPACE}CultureTypes types)")(
    lambda types: [INVARIANT, *map(Culture, _KNOWN)]
)
CULTURE.property(
    "cultureinfo Parent", lambda one: Culture(one.name.partition("-")[0]) if "-" in one.name else INVARIANT
)
CULTURE.property("int LCID", lambda one: one.lcid)
CULTURE.property("int KeyboardLayoutId", lambda one: LCIDS.get(one.name, CUSTOM_LCID))
CULTURE.property("string Name", lambda one: one.name)
CULTURE.property("string IetfLanguageTag", lambda one: one.name)
CULTURE.property("string DisplayName", lambda one: one.english_name)
CULTURE.property("string NativeName", lambda one: one.english_name)
CULTURE.property("string EnglishName", lambda one: one.english_name)
CULTURE.property("string TwoLetterISOLanguageName", lambda one: one.name[:2] or "iv")
CULTURE.property(
    "string ThreeLetterISOLanguageName", lambda one: {"en": "eng", "de": "deu", "fr": "fra"}.get(one.name[:2], "ivl")
)
CULTURE.property("string ThreeLetterWindowsLanguageName", lambda one: "ENU" if one.name == "en-US" else "IVL")
CULTURE.property(NAMESPACE + "TextInfo TextInfo", TextInfo)
CULTURE.property(NAMESPACE + "CompareInfo CompareInfo", CompareInfo)
CULTURE.property("bool IsNeutralCulture", lambda one: bool(one.name) and "-" not in one.name)
CULTURE.property(NAMESPACE + "NumberFormatInfo NumberFormat", lambda one: NumberFormat(one.number_symbols))
CULTURE.property(NAMESPACE + "DateTimeFormatInfo DateTimeFormat", lambda one: DateFormat(one.date_symbols))
CULTURE.property(NAMESPACE + "Calendar Calendar", lambda one: Calendar())
CULTURE.property("bool UseUserOverride", lambda one: False)
CULTURE.property("bool IsReadOnly", lambda one: True)
CULTURE.method("System.Object Clone()")(lambda one: Culture(one.name))
CULTURE.method("string ToString()")(lambda one: one.name)

# -- NumberFormatInfo

NUMBERS = declare(NAMESPACE + "NumberFormatInfo")
NUMBERS.constructor("()")(lambda kind: NumberFormat(dataclasses.replace(number_formats.INVARIANT)))
NUMBERS.static_property(NAMESPACE + "NumberFormatInfo InvariantInfo", lambda: NumberFormat(INVARIANT.number_symbols))
NUMBERS.static_property(
    NAMESPACE + "NumberFormatInfo CurrentInfo", lambda: NumberFormat(current_culture().number_symbols)
)
NUMBERS.method("System.Object Clone()")(lambda one: NumberFormat(dataclasses.replace(one.number_symbols)))


def _symbol(table: Members, holder: str, text: str, field: str) -> None:
    def get(one: Any) -> Any:
        return getattr(getattr(one, holder), field)

    def put(one: Any, new: Any) -> None:
        if text.startswith("string") and not new:
            if "DecimalSeparator" in text:
                raise net_error("System.ArgumentException", "The value cannot be an empty string. (Parameter 'value')")
            new = ""
        setattr(getattr(one, holder), field, list(new) if isinstance(new, list) else new)

    table.property(text, get, put)


for _text, _field in (
    ("int CurrencyDecimalDigits", "currency_digits"),
    ("string CurrencyDecimalSeparator", "currency_decimal_separator"),
    ("string CurrencyGroupSeparator", "currency_group_separator"),
    ("string CurrencySymbol", "currency_symbol"),
    ("string NaNSymbol", "nan_symbol"),
    ("string NegativeSign", "negative_sign"),
    ("int NumberDecimalDigits", "decimal_digits"),
    ("string NumberDecimalSeparator", "decimal_separator"),
    ("string NumberGroupSeparator", "group_separator"),
    ("string PercentSymbol", "percent_symbol"),
    ("string PerMilleSymbol", "per_mille_symbol"),
    ("string PositiveInfinitySymbol", "positive_infinity"),
    ("string PositiveSign", "positive_sign"),
):
    _symbol(NUMBERS, "number_symbols", _text, _field)
NUMBERS.property("string NegativeInfinitySymbol", lambda one: one.number_symbols.negative_infinity)
NUMBERS.property("int PercentDecimalDigits", lambda one: one.number_symbols.decimal_digits)
NUMBERS.property("string PercentDecimalSeparator", lambda one: one.number_symbols.decimal_separator)
NUMBERS.property("string PercentGroupSeparator", lambda one: one.number_symbols.group_separator)


def _set_size(one: NumberFormat, sizes: list[int]) -> None:
    one.number_symbols.group_size = int(sizes[0]) if sizes else 0


NUMBERS.property(
    "int[] NumberGroupSizes", lambda one: PSList.of("System.Int32", [one.number_symbols.group_size]), _set_size
)

# -- DateTimeFormatInfo

DATES = declare(NAMESPACE + "DateTimeFormatInfo")
DATES.constructor("()")(lambda kind: DateFormat(dataclasses.replace(date_formats.INVARIANT)))
DATES.static_property(NAMESPACE + "DateTimeFormatInfo InvariantInfo", lambda: DateFormat(INVARIANT.date_symbols))
DATES.static_property(NAMESPACE + "DateTimeFormatInfo CurrentInfo", lambda: DateFormat(current_culture().date_symbols))
DATES.method("System.Object Clone()")(lambda one: DateFormat(dataclasses.replace(one.date_symbols)))
for _text, _field in (
    ("string AMDesignator", "am"),
    ("string PMDesignator", "pm"),
    ("string DateSeparator", "date_separator"),
    ("string TimeSeparator", "time_separator"),
    ("string LongDatePattern", "long_date"),
    ("string LongTimePattern", "long_time"),
    ("string MonthDayPattern", "month_day"),
    ("string ShortDatePattern", "short_date"),
    ("string ShortTimePattern", "short_time"),
    ("string YearMonthPattern", "year_month"),
):
    _symbol(DATES, "date_symbols", _text, _field)
DATES.property("string FullDateTimePattern", lambda one: f"{one.date_symbols.long_date} {one.date_symbols.long_time}")
DATES.property("string SortableDateTimePattern", lambda one: "yyyy'-'MM'-'dd'T'HH':'mm':'ss")
DATES.property("string UniversalSortableDateTimePattern", lambda one: "yyyy'-'MM'-'dd HH':'mm':'ss'Z'")
DATES.property("string RFC1123Pattern", lambda one: "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'")
DATES.property(
    "System.DayOfWeek FirstDayOfWeek", lambda one: enum_value("System.DayOfWeek", one.date_symbols.first_day)
)


def _name_list(field: str, extra: bool) -> Any:
    """Thirteen month names: calendars of other cultures have as many."""
    return lambda one: PSList.of("System.String", [*getattr(one.date_symbols, field), *([""] if extra else [])])


for _text, _field, _extra in (
    ("DayNames", "days", False),
    ("AbbreviatedDayNames", "short_days", False),
    ("ShortestDayNames", "short_days", False),
    ("MonthNames", "months", True),
    ("AbbreviatedMonthNames", "short_months", True),
    ("MonthGenitiveNames", "months", True),
):
    DATES.property(f"string[] {_text}", _name_list(_field, _extra))


def _name(field: str, start: int) -> Any:
    def read(one: DateFormat, number: int) -> str:
        names: list[str] = getattr(one.date_symbols, field)
        at = int(number) - start
        if at == len(names) and start:
            return ""
        if not 0 <= at < len(names):
            raise net_error(
                "System.ArgumentOutOfRangeException",
                f"Valid values are between {start} and {len(names) + start}, inclusive.",
                param="month",
            )
        return names[at]

    return read


DATES.method("string GetMonthName(int month)")(_name("months", 1))
DATES.method("string GetAbbreviatedMonthName(int month)")(_name("short_months", 1))
DATES.method("string GetDayName(System.DayOfWeek dayofweek)")(_name("days", 0))
DATES.method(
    "string GetAbbreviatedDayName(System.DayOfWeek dayofweek)", "string GetShortestDayName(System.DayOfWeek dayOfWeek)"
)(_name("short_days", 0))

# -- TextInfo and Calendar


def title_case(text: str) -> str:
    """Words get a capital; a word in capitals is taken for an acronym and stays."""
    import re

    def one(found: re.Match[str]) -> str:
        word = found.group()
        return word if len(word) > 1 and word.isupper() else upper(word[:1]) + lower(word[1:])

    return re.sub(r"[^\W\d_](?:[^\W_]|['’](?=\w))*", one, text)


TEXT = declare(NAMESPACE + "TextInfo")
TEXT.method("string ToTitleCase(string str)")(lambda one, text: title_case(text))
TEXT.method("string ToLower(string str)")(lambda one, text: lower(text, not one.culture.name))
TEXT.method("string ToUpper(string str)")(lambda one, text: upper(text, not one.culture.name))
TEXT.property("string CultureName", lambda one: one.culture.name)
TEXT.property("string ListSeparator", lambda one: ",")
TEXT.property("int LCID", lambda one: LCIDS.get(one.culture.name, CUSTOM_LCID))
TEXT.property("bool IsRightToLeft", lambda one: False)


class Calendar(NetObject):
    net_type = NAMESPACE + "GregorianCalendar"

    def ps_get(self, name: str) -> Any:
        if name.lower() == "twodigityearmax":
            return 2049
        raise AttributeError(name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from ..values.types import net_type
        from .table import table_of

        method = table_of(net_type(NAMESPACE + "Calendar")).method(name.lower())
        if method is None:
            raise AttributeError(name)
        return method.call(self, args)


CALENDAR = declare(NAMESPACE + "Calendar")


def _week_of(moment: Any, rule: Any, first: Any) -> int:
    """FirstDay, FirstFullWeek, FirstFourDayWeek."""
    minimum = {0: 1, 1: 7, 2: 4}[int(rule)]
    day_of_year = moment.timetuple().tm_yday
    weekday = (moment.isoweekday() % 7 - int(first)) % 7
    start = day_of_year - weekday  # day of the year on which this week began
    if start >= 1:
        days_before = (start - 1) % 7
        return int((start - 1) // 7 + 1 + (1 if days_before >= minimum else 0))
    days_here = 7 + start - 1
    if days_here >= minimum:
        return 1
    last = moment.replace(year=moment.year - 1, month=12, day=31)
    return _week_of(last, rule, first)


CALENDAR.method(f"int GetWeekOfYear(datetime time, {NAMESPACE}CalendarWeekRule rule, System.DayOfWeek firstDayOfWeek)")(
    lambda one, moment, rule, first: _week_of(moment, rule, first)
)
CALENDAR.method("int GetDaysInMonth(int year, int month)")(lambda one, year, month: calendar.monthrange(year, month)[1])
CALENDAR.method("int GetDaysInYear(int year)")(lambda one, year: 366 if calendar.isleap(year) else 365)
CALENDAR.method("bool IsLeapYear(int year)")(lambda one, year: calendar.isleap(year))
CALENDAR.method("int GetYear(datetime time)")(lambda one, moment: moment.year)
CALENDAR.method("int GetMonth(datetime time)")(lambda one, moment: moment.month)
CALENDAR.method("int GetDayOfMonth(datetime time)")(lambda one, moment: moment.day)

ISO_WEEK = declare(NAMESPACE + "ISOWeek")
ISO_WEEK.static("int GetWeekOfYear(datetime date)")(lambda moment: moment.isocalendar()[1])
ISO_WEEK.static("int GetYear(datetime date)")(lambda moment: moment.isocalendar()[0])
ISO_WEEK.static("int GetWeeksInYear(int year)")(lambda year: datetime.date(year, 12, 28).isocalendar()[1])

GREGORIAN = declare(NAMESPACE + "GregorianCalendar")
GREGORIAN.constructor("()")(lambda kind: Calendar())
