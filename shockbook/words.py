"""Values in words: write a value by a form, and decide whether a text agrees with a value.

A *form* is a format string with one field, units included: ``"${:.1f} billion"``, ``"{:d}"``,
``"{}"`` for a date or a name, ``"{:words}"`` for a count in words up to ten, ``"{:ordinal}"``
for a rank.  A person writes the text; :func:`fault` says what is wrong with it, if anything.
"""

import datetime as dt
import numbers
import re
from decimal import Decimal
from typing import NamedTuple

import numpy as np

MINUS = "\N{MINUS SIGN}"
DIGITS = 8  # significant digits of a stored value: more would differ between processors
ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MAGNITUDES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
CURRENCIES = {"$": "$", "US$": "$", "dollar": "$", "RMB": "¥", "yuan": "¥", "¥": "¥", "€": "€",
              "euro": "€", "£": "£", "pound": "£"}  # fmt: skip
TIMES = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"]


# ------------------------------------------------------------------ writing
def in_words(number: int) -> str:
    """A whole number from 0 to 99 in words."""
    if number < 20:
        return ONES[number]
    ten, one = TENS[number // 10 - 2], number % 10
    return f"{ten}-{ONES[one]}" if one else ten


def ordinal(number: int) -> str:
    """A rank in words up to the twelfth, and as ``"13th"`` beyond."""
    return _ordinal_word(in_words(number)) if 1 <= number <= 12 else f"{number:,d}{_th(number)}"


def _th(number: int) -> str:
    """What a rank in digits ends with."""
    return "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _ordinal_word(word: str) -> str:
    head, _, tail = word.rpartition("-")
    last = IRREGULAR.get(tail) or (tail[:-1] + "ieth" if tail.endswith("y") else tail + "th")
    return f"{head}-{last}" if head else last


COUNTS = {in_words(n): n for n in range(100)} | {in_words(n).replace("-", " "): n
                                                  for n in range(21, 100)}  # fmt: skip
RANKS = {_ordinal_word(word): n for word, n in COUNTS.items() if n and " " not in word}


def day(value) -> str:
    """A date as the book writes it, ``27 January 2025``; other texts as they are.

    ``value``: a text may be ISO 8601, whole or to the month (``"2025-01"`` is ``January 2025``).
    """
    if isinstance(value, str):
        found = _calendar(value)
        if found is None:
            return value
        value, whole = found
        if not whole:
            return f"{MONTHS[value.month - 1]} {value.year}"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def _calendar(text: str) -> tuple[dt.date, bool] | None:
    """A date from ISO 8601, and whether it names the day; nothing for another text."""
    found = re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d)(?:T00:00:00)?)?", text)
    try:
        return found and (dt.date(int(found[1]), int(found[2]), int(found[3] or 1)), bool(found[3]))
    except ValueError:
        return None


def write(value, form: str) -> str:
    """A value by its form, as the book writes numbers and days."""
    if "{}" in form and isinstance(value, dt.date | str):
        value = day(value)
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return form.format(value)
    if re.search(r"\{:(?:[+,]*d|words|ordinal)\}", form):
        if not float(value).is_integer():
            raise ValueError(f"{value} is no whole number, which the form {form} is for")
        value = int(value)
    if "{:words}" in form:
        word = f"{value:,d}" if not 0 <= value <= 10 else in_words(value) if value else "none"
        return _written(form.replace("{:words}", word))
    if "{:ordinal}" in form:
        return form.replace("{:ordinal}", ordinal(value))
    return _written(form.format(value))


def _written(text: str) -> str:
    """A number's text with a true minus, before the currency and not at zero, and no "1 days"."""
    text = re.sub(r"-(?=[\d.])", MINUS, text)
    text = re.sub(rf"(US\$|[$€£¥]|RMB )([+{MINUS}])", r"\2\1", text)
    text = re.sub(rf"{MINUS}(?=(?:US\$|[$€£¥]|RMB )?0(?:\.0*)?(?![\d.,]))", "", text)
    large = rf"(?<![\d.,])\d{{4,}}(?=(?:\.\d+)? (?:{'|'.join(MAGNITUDES)})\b)"
    text = re.sub(large, lambda m: f"{int(m[0]):,d}", text)
    return re.sub(rf"(?<![\w.,])(1|one) ({'|'.join(TIMES)}|point|time)s\b", r"\1 \2", text)


def plain(value):
    """A value as JSON can hold it, the same on every processor and after a trip to JavaScript.

    Numbers keep eight significant digits; a whole one is an ``int``, since JavaScript writes
    17.0 as 17.  Dates become ISO 8601.  NaN is a ``ValueError``, a list and the like ``TypeError``.
    """
    if isinstance(value, np.datetime64):
        value = value.astype("M8[us]")  # of nanoseconds it would make a number
    value = value.item() if hasattr(value, "item") and not isinstance(value, dt.date) else value
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real | dt.date):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError(f"a number may not be {value}: look at the cell that made it")
        day = isinstance(value, dt.date)
        return value.isoformat()[:10] if day else whole(float(f"{value:.{DIGITS}g}"))
    raise TypeError(f"a number is a number, a date or a text, not {type(value).__name__}")


def whole(value: float):
    """A float without a fraction as the ``int`` that JavaScript writes for it."""
    return int(Decimal(repr(value))) if value.is_integer() and abs(value) < 1e21 else value


def guess_range(text: str) -> tuple[int, int, str] | None:
    """The ends and the unit of "From −20 to 20 per cent"; None if the text is no such range."""
    said = re.fullmatch(rf"From ({MINUS}?\d+) to ({MINUS}?\d+) (\w.*)", text)
    return said and (*(int(end.replace(MINUS, "-")) for end in said.group(1, 2)), said[3])


class Said(str):
    """The text of a figure, as prose shows it, with the value behind it in ``.value``."""

    value: object

    def __new__(cls, text: str, value: object):
        self = super().__new__(cls, text)
        self.value = value
        return self

    def _ipython_display_(self) -> None:
        """As the last line of a cell it shows nothing more: its record is shown already."""


# ------------------------------------------------------------------ names that hold numbers
NAMES = re.compile(
    r"(?<![\w.])(?:"
    + "|".join(
        (
            # indices and places
            r"S&P (?:500|100)", r"Nasdaq[- ]100", r"Russell [123]000", r"Dow 30", r"CSI 300",
            r"Nikkei 225", r"STOXX (?:50|600)", r"G7", r"G20",
            # models
            r"GPT[-‑]\d(?:\.\d)?(?:o|[- ]?(?:mini|turbo|Turbo|nano))*",
            r"o[134](?:-(?:mini|preview|pro|\d{4}))*",
            r"(?:DeepSeek[- ])?(?:R[12]|V[234](?:\.\d)?)"
            r"(?:-(?:Zero|Lite|Preview|Base|Exp|Terminus|Distill|Flash|Pro|\d{4}))*",
            r"(?:DeepSeek-)?R1-Distill-[\w.-]*\w", r"Claude[- ]\d(?:\.\d)?", r"Phi-\d(?:\.\d)?",
            r"(?:Llama|Qwen)[- ]?\d(?:\.\d)?(?:[- ]\d+B)?", r"Gemini \d(?:\.\d)?",
            r"Grok[- ]\d", r"PaLM(?:[- ]2|[- ]540B)", r"Kimi[- ][kK]\d(?:\.\d)?",
            # chips and number formats
            r"(?:GB|MI|[ABHV])\d{2,3}0?X?s?", r"RTX \d{4}", r"(?:FP|BF|INT)(?:4|8|16|32)",
            r"(?:4|8|16|32)-bit", r"6ND", r"TPU ?v\d", r"Ascend 910\w?",
            # benchmarks, filings, licences, standards
            r"MATH-500", r"AIME \d{4}", r"ARC-AGI-\d", r"(?:10-[KQ]|8-K|6-K|20-F|13F)s?",
            r"(?:CC BY(?:-SA)?|Attribution) 4\.0", r"(?i:SHA-?256)", r"a16z", r"SOC 2",
            r"ISO (?:27001|8601)", r"Python 3(?:\.\d+)?", r"COVID-19", r"24/7",
            r"[A-Z]\d\d(?:[–-][A-Z]?\d\d)?", r"F1",
            r"95%(?= (?:\w+[- ]){0,3}?(?:intervals?|bands?)\b)",
        )
    )
    + r")(?!\w)"
)  # fmt: skip
GAP = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for what was taken out of a text

# ------------------------------------------------------------------ reading
_SHARES = {"half": 0.5, "halves": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2,
           "sixth": 1 / 6, "seventh": 1 / 7, "eighth": 0.125, "tenth": 0.1}  # fmt: skip
_MULTIPLES = {"once": 1, "twice": 2, "thrice": 3, "double": 2, "doubled": 2, "triple": 3,
              "tripled": 3, "treble": 3, "trebled": 3, "quadruple": 4, "quadrupled": 4}  # fmt: skip
_EVERY = ["both", "all", "every", "each", "none", "neither", "nobody", "nothing", "never", "no",
          "most"]  # fmt: skip
#: The value, the step and the kind of an amount in words, as :class:`Amount` has them.
_WORDS = {
    **{word: (float(n), 1.0, "count") for word, n in COUNTS.items()},
    **{word: (float(n), 1.0, "rank") for word, n in RANKS.items()},
    **{word: (float(n), 0.0, "multiple") for word, n in _MULTIPLES.items()},
    **{word: (0.0, 1.0, word) for word in _EVERY},
}
AMOUNT = re.compile(
    rf"(?P<sign>[+{MINUS}-]?)(?P<money>US\$|[$€£¥]|RMB )?\s?"
    r"(?<!\d\.)(?P<digits>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"(?P<rank>st|nd|rd|th)?(?!\.?\w)"
    rf"|\b(?:(?P<part>an?|one|two|three|four|five) )?(?P<share>{'|'.join(_SHARES)})s?\b"
    rf"|\b(?P<word>an?(?= (?:{'|'.join(MAGNITUDES)})\b)"
    rf"|{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_Q = {
    "about": r"about|around|roughly|some|approximately|close to|near|circa",
    "nearly": r"nearly|almost|just under|not quite",
    "more": r"(?<!no )more than|just over|well over|upwards of|exceeding",
    "least": r"at least|no (?:less|fewer) than",
    "less": r"less than|fewer than",
    "most": r"at most|(?:no|not) more than",
    "over": r"over|above|beyond",
    "under": r"under|below",
}
QUALIFIER = re.compile(
    r"\b(?:" + "|".join(f"(?P<{k}>{v})" for k, v in _Q.items()) + r")(?: (?:an?|the|by))*\W*\Z",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:fell|falls?|fallen|falling|below|down|lost|los[es]+|losing|less|drop\w*|lower\w*|fewer"
    r"|declin\w+|cheaper|shr[aiu]nk\w*|cut|minus|negative|under|behind|slid|plunged|shed|reduc\w+"
    r"|underperform\w*|worst|short)\b", re.IGNORECASE)  # fmt: skip
UP = re.compile(
    r"\b(?:rose|rise[ns]?|rising|gain\w*|grew|grows?|growth|increas\w+|higher|climb\w*|won|wins?"
    r"|positive|above|more)\b", re.IGNORECASE)  # fmt: skip
PERCENT = re.compile(r"%|\bper ?cents?\b|\bpercentages?\b|\bpoints?\b", re.IGNORECASE)
POINTS = re.compile(r"\bpoints?\b", re.IGNORECASE)


class Amount(NamedTuple):
    """One amount in a text: its value, its rounding step, what kind it is and where it stands."""

    value: float
    step: float
    kind: str  # digits, rank, count, share, multiple, or the word itself for "all" and the like
    sign: str
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """The amounts that a text names, names such as *S&P 500* left out."""
    text = NAMES.sub(lambda m: GAP * len(m[0]), text)
    found = []
    for m in AMOUNT.finditer(text):
        if digits := m["digits"]:
            number = digits.replace(",", "")
            mantissa, _, power = number.partition("e")
            step = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
            value, kind = float(number), "rank" if m["rank"] else "digits"
        elif m["share"] and (m["part"] or m["share"].lower() not in RANKS):
            value, step, kind = _SHARES[m["share"].lower()], 0.0, "share"
            value *= COUNTS.get((m["part"] or "").lower(), 1)
        else:  # "a" before a magnitude is one
            word = (m["share"] or m["word"]).lower()
            value, step, kind = _WORDS.get(word, (1.0, 1.0, "count"))
        end = m.end("digits") if digits else m.end()
        found.append(Amount(value, step, kind, m["sign"] or "", m.start(), end))
    return found


def _unit(text: str) -> tuple[str, float, str]:
    """What a form's or a text's words say of the unit: currency, magnitude, ``%`` or a time."""
    money = next((c for k, c in CURRENCIES.items() if re.search(
        rf"{re.escape(k)}" if not k.isalpha() else rf"\b{k}s?\b", text)), "")  # fmt: skip
    size = next((s for k, s in MAGNITUDES.items() if re.search(rf"\b{k}\b", text)), 1.0)
    if PERCENT.search(text):
        return money, size, "points" if POINTS.search(text) else "%"
    time = next((t for t in TIMES if re.search(rf"\b{t}s?\b", text) and t != "second"), "")
    return money, size, time


def fault(text: str, value, form="{}", of=None, before="", after="", what="") -> str:
    """What is wrong with a text that should tell a value; nothing if it agrees.

    ``value`` is as :func:`plain` gives it, ``of`` the total that "all" or "half" would speak of.
    ``before`` and ``after`` are the rest of the sentence, with a qualifier, a verb or a unit; the
    words of ``what`` tell a loss from a gain.
    """
    text = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    if text == write(value, form):
        return ""
    if isinstance(value, bool | str):
        value = str(value)
        if date := _calendar(value):
            return _date_fault(text, *date)
        same = text.casefold() in (value.casefold(), write(value, form).casefold())
        return "" if same else f"{text!r} is said, {value!r} was found"
    return _number_fault(text, value, form, of, before, after, what)


def _date_fault(text: str, date: dt.date, whole_date: bool) -> str:
    """Weekday, day, month, quarter and year: each that is named must be the date's."""
    iso, quarter = date.isoformat(), (date.month + 2) // 3
    weekday, month = WEEKDAYS[date.weekday()], MONTHS[date.month - 1]
    parts = [
        (r"\d{4}-\d\d(?:-\d\d)?", [iso[:7], iso] if whole_date else [iso[:7]]),
        ("|".join(s for name in WEEKDAYS for s in _short(name)), _short(weekday) * whole_date),
        ("|".join(s for name in MONTHS for s in _short(name)), _short(month)),
        (r"\d{4}", [f"{date.year}"]),
        (r"(?:Q|quarter )[1-4]|(?:first|second|third|fourth) quarter",
         [f"Q{quarter}", f"quarter {quarter}", f"{ordinal(quarter)} quarter"]),
        (r"\d{1,2}(?:st|nd|rd|th)?", [f"{date.day}", f"{date.day}{_th(date.day)}"] * whole_date),
    ]  # fmt: skip
    wrong, rest = False, text
    for pattern, right in parts:
        wrong |= not set(re.findall(rf"\b(?:{pattern})\b", rest)) <= set(right)
        rest = re.sub(rf"\b(?:{pattern})\b", " ", rest)
    if wrong or rest == text or re.search(r"\d", rest):
        told = f"{weekday} {day(date)}" if whole_date else day(iso[:7])
        return f"{text!r} is said, it was {told}"
    return ""


def _short(name: str) -> list[str]:
    """A weekday or month and all its abbreviations."""
    return [name[:end] for end in range(3, len(name) + 1)]


def _number_fault(text, value, form, of, before, after, what) -> str:
    wrong = f"{text!r} is said, {write(value, form)} was found"
    scale = 100.0 if re.search(r"%\}", form) else 1.0
    shown = value * scale  # in the unit that the form names
    said = amounts(text)
    unit_said = f"{text} {after[:40].split('.')[0]}" if not _unit(text)[2] else text
    money, size, kind = _unit(re.sub(r"\{[^}]*\}", "%" if scale == 100 else " ", form))
    if re.search(r"\b(?:hundred|dozen)s?\b", text, re.IGNORECASE):
        return f"{text!r}: hundreds and dozens are not read, write a numeral"
    if not said:
        return _direction_fault(text, shown, wrong)
    share = value / of if of else shown / 100 if kind == "%" else value
    first = said[0]
    if first.kind == "no" and len(said) > 1 and QUALIFIER.search(text[: said[1].start]):
        said, first = said[1:], said[1]  # "no more than"
    if first.kind not in ("digits", "rank", "count", "share", "multiple"):
        ok = {
            "both": value == 2 and of in (None, 2),
            "most": 0.5 < share <= 1 and (of is not None or kind == "%" or value <= 1),
            "all": value == of or (of is None and kind == "%" and shown == 100),
        }.get(first.kind, value == of if first.kind in ("every", "each") else value == 0)
        lead = before + text[: first.start]
        if first.kind == "all" and re.search(r"\b(?:nearly|almost)\W*\Z", lead):
            ok = 0.9 <= share < 1
        return "" if ok and all(other.value in (value, of) for other in said[1:]) else wrong
    if len(said) == 2 and (m := re.search(r"\b(?:of|in|from)\b", text[first.end : said[1].start])):
        total = said[1].value
        if of is not None and (m[0] == "of" or total == of):  # "9 of 13" gives the counts
            return "" if (first.value, total) == (value, of) else wrong
        near = 0 < total <= 20 and abs(first.value / total - share) <= 0.05 * abs(share)
        return "" if near else wrong  # "one in five"
    if len(said) > 1:
        return f"{text!r} holds more than one number: link each to its own"
    lead = f"{before} {text[: first.start]}".rstrip(" $€£¥")
    qualifier = (m := QUALIFIER.search(lead.removesuffix("RMB").rstrip())) and m.lastgroup or ""
    tail = text[first.end :] + " " + after[:12]
    if re.match(r"\W*(?:\w+\W+){0,2}or (?:more|above)\b", tail):
        qualifier = "least"
    if first.kind == "share":
        of_whole = of or kind == "%" or 0 <= value <= 1
        return "" if of_whole and _near(first.value, share, 0.05, qualifier) else wrong
    if first.kind == "multiple":
        return "" if _near(first.value, value, 0.05, qualifier) else wrong
    if first.kind == "rank" and not (float(value).is_integer() and scale == 1):
        return wrong
    if first.kind == "rank" and text[first.end - 1].isdigit() and not tail.startswith(_th(value)):
        return wrong  # "21th"
    told = unit_said[first.start :] if not text[: first.start].strip() else unit_said
    money_said, size_said, kind_said = _unit(told)
    if kind in ("%", "points") and kind_said not in (kind, "points"):
        return f"{wrong}: the unit is missing"
    if money and money_said != money:
        return f"{wrong}: the currency is missing or another"
    if kind in TIMES and kind_said in TIMES and kind_said != kind:
        return f"{wrong}: another unit"
    if kind not in ("%", "points") and PERCENT.search(text):
        return f"{wrong}: another unit"
    factor = size_said / size
    number, step = first.value * factor, first.step * factor
    near = f"{before[-80:]} {text} {after[:60]}"
    if first.sign in (MINUS, "-"):
        if not number:
            return f"{wrong}: zero has no minus"
        number = -number
    elif shown < 0 and number:
        if first.sign == "+" or not DOWN.search(
            f"{near} {what if UP.search(near) is None else ''}"
        ):
            return f"{wrong}: the minus is missing"
        shown = -shown
    elif turned := _turned(near, shown, form, what):
        return f"{wrong}: {turned}"
    counted = isinstance(value, int) and scale == 1 and size_said == size
    if counted and first.kind in ("count", "rank"):
        exact = number == shown
    else:
        exact = abs(number - shown) <= step / 2 + abs(shown) * 6e-8
        if size_said > size:  # 0.6 billion is not "1 trillion"
            exact &= abs(number - shown) <= 0.05 * abs(shown)
    return "" if _bounded(number, shown, step, qualifier, exact) else wrong


def _bounded(said: float, value: float, step: float, qualifier: str, exact: bool) -> bool:
    """Whether a number stands as its qualifier says: about, nearly, more than, less than."""
    zeros = max(Decimal(said).normalize().as_tuple().exponent, 0)  # that a whole number ends with
    coarse = max(step, 10.0**zeros)
    gap, room = value - said, max(0.1 * abs(value), coarse)
    whole = coarse >= 10 or len(f"{abs(said):g}".replace(".", "").strip("0")) <= 2
    return {
        "": exact,
        "about": exact or abs(gap) <= 0.05 * abs(value) or abs(gap) <= coarse / 2,
        "nearly": -0.05 * abs(said) <= gap < 0 and whole,  # nobody says "nearly 605"
        "more": 0 < gap <= room,
        "least": 0 <= gap <= room,
        "less": 0 < -gap <= room,
        "most": 0 <= -gap <= room,
        "over": exact or 0 < gap <= room,
        "under": exact or 0 < -gap <= room,
    }[qualifier]


def _near(said: float, value: float, room: float, qualifier: str) -> bool:
    """Whether a share or a multiple in words stands for a value."""
    gap = value - said
    exact = abs(gap) <= room * said
    if qualifier in ("more", "least", "over"):
        return 0 <= gap <= 4 * room * said
    if qualifier in ("less", "most", "under", "nearly"):
        return 0 <= -gap <= 2 * room * said
    return exact or (qualifier == "about" and abs(gap) <= 2 * room * said + 1e-9)


def _turned(near: str, shown: float, form: str, what: str) -> str:
    """Why a sentence tells a fall as a rise or the other way round; nothing if it does not."""
    down = bool(re.search(r"\b(?:loss|fall|fell|lost|drop|decline)\b", what, re.IGNORECASE))
    up = shown > 0 and "+" in form and not down
    if down and not DOWN.search(near) and re.search(r"\b(?:gained|rose|won|grew|climbed)\b", near):
        return "a fall is told as a rise"
    if up and not UP.search(near) and re.search(r"\b(?:lost|fell|dropped|slid|plunged)\b", near):
        return "a rise is told as a fall"
    return ""


def _direction_fault(text: str, shown: float, wrong: str) -> str:
    """A link of words alone says which way a number points: *fell*, *rose*, *largest*."""
    if re.search(r"\b(?:largest|biggest|highest|record|top|worst|smallest|lowest|only)\b", text):
        return "" if shown == 1 else wrong
    down, up = DOWN.search(text), UP.search(text)
    if bool(down) == bool(up):
        return f"{text!r} holds no number, word or date that can be checked"
    return "" if (shown < 0) == bool(down) and shown else wrong


# ------------------------------------------------------------------ rewriting
def rewrite(text: str, value, form: str) -> str | None:
    """A text with the numerals of a new value; None if its words need a person.

    Decimals, sign, thousands, magnitude and the words around stay as the text has them.
    """
    if isinstance(value, str) and (date := _calendar(value)):
        text = re.sub(rf"\b(?:{'|'.join(WEEKDAYS)})\b", WEEKDAYS[date[0].weekday()], text)
        text = re.sub(rf"\b(?:{'|'.join(MONTHS)})\b", MONTHS[date[0].month - 1], text)
        text = re.sub(r"\b\d{4}\b", f"{date[0].year}", text)
        return re.sub(r"\b\d{1,2}\b", f"{date[0].day}", text)
    if isinstance(value, bool | str):
        return None
    said = amounts(text)
    if len(said) != 1 or said[0].kind not in ("digits", "rank") or not re.search(r"\d", text):
        return None
    one, size = said[0], _unit(re.sub(r"\{[^}]*\}", " ", form))[1] / _unit(text)[1]
    shown = value * size * (100 if re.search(r"%\}", form) else 1)
    decimals = -int(f"{one.step:e}".partition("e")[2]) if one.step < 1 else 0
    digits = f"{abs(shown):,.{decimals}f}"
    start = one.start + len(one.sign)
    old = re.search(r"\d[\d,.]*\d|\d", text[start : one.end])
    if "," not in old[0] and abs(shown) < 10_000:
        digits = digits.replace(",", "")
    head, tail = text[: start + old.start()], text[start + old.end() :]
    if one.sign in (MINUS, "-") and shown > 0 or one.sign == "+" and shown < 0:
        head = head.replace(one.sign, MINUS if one.sign == "+" else "", 1)
    if one.kind == "rank":
        digits, tail = digits + _th(round(shown)), tail[2:]
    return _written(head + digits + tail)
