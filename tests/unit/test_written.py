"""Values in words: what is written agrees with itself, and every other text is refused."""

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shockbook import words

AGREE = [
    ("$592.7 billion", 592.658, "${:.1f} billion", {}),
    ("$593 billion", 592.658, "${:.1f} billion", {}),
    ("nearly $600 billion", 592.658, "${:.1f} billion", {}),
    ("$600 billion", 592.658, "${:.1f} billion", {"before": "lost nearly "}),
    ("17%", -16.97, "{:.1f}%", {"before": "NVIDIA fell "}),
    ("17 per cent", 16.97, "{:.1f}%", {}),
    ("17%", 0.1697, "{:.1%}", {}),
    ("seven", 7, "{:d}", {}),
    ("twenty-one", 21, "{:d}", {}),
    ("first", 1, "rank {:d}", {}),
    ("ninth", 9, "{:ordinal}", {}),
    ("9th", 9, "{:d}", {}),
    ("both", 2, "{:d}", {}),
    ("none", 0, "{:d}", {}),
    ("no", 0, "{:d}", {}),
    ("all", 6, "{:d}", {"of": 6}),
    ("all six", 6, "{:d}", {"of": 6}),
    ("half", 251, "{:d}", {"of": 503}),
    ("a third", 168, "{:d}", {"of": 503}),
    ("two thirds", 66.2, "{:.0f}%", {}),
    ("most", 351, "{:d}", {"of": 503}),
    ("nearly half", 48, "{:.0f}%", {}),
    ("twice", 2.03, "{:.1f}", {}),
    ("three times", 2.98, "{:.1f}", {}),
    ("about 17%", 16.7, "{:.1f}%", {}),
    ("more than 500", 503, "{:d}", {}),
    ("at least 500", 503, "{:d}", {}),
    ("less than 600", 592, "{:d}", {}),
    ("27 January 2025", "2025-01-27", "{}", {}),
    ("Monday", "2025-01-27", "{}", {}),
    ("the following Monday", "2025-01-27", "{}", {}),
    ("January 2025", "2025-01-27", "{}", {}),
    ("2025", "2025-01-27", "{}", {}),
    ("Monday 27 January", "2025-01-27", "{}", {}),
    ("RMB 4.3 trillion", 4.2976, "RMB {:.2f} trillion", {}),
    ("9 of 21", 9, "{:d}", {"of": 21}),
    ("one in five", 20.4, "{:.0f}%", {}),
    ("$0.59 trillion", 592.658, "${:.1f} billion", {}),
    ("2.8 million", 2.788, "{:.3f} million", {}),
    ("−16.9 points", -16.9, "{:.1f} points", {}),
    ("by 16.9 points", -16.9, "{:.1f} points", {"before": "it fell "}),
    ("a million", 1.02, "{:.2f} million", {}),
    ("5.6 million dollars", 5.576, "${:.3f} million", {}),
    ("351", 351, "{:d}", {"after": " of the 503 companies"}),
    ("35", 35.2, "{:.0f}%", {"after": " to 50%"}),
    ("twice as much", 1.96, "{:.1f}", {}),
    ("9 of the S&P 500", 9, "{:d} of the S&P 500", {}),
    ("fell", -3.2, "{:.1f}%", {}),
    ("C07, C21", "C07, C21", "{}", {}),
    ("three quarters", 75, "{:.0f}%", {}),
    ("four surveys", 4, "{:words} surveys", {}),
    ("two days", 2, "{:d} days", {}),
    ("about half", 55, "{:.0f}%", {}),
    ("no more than six", 6, "{:d}", {}),
    ("two thousand", 2048, "{:,d}", {"before": "about "}),
    ("2,048", 2048, "{:,d}", {}),
    ("more than 2,000", 2048, "{:,d}", {}),
    ("more than a third", 36, "{:.0f}%", {}),
    ("first", 1, "{:d}", {}),
    ("the largest", 1, "rank {:d}", {}),
    ("−3.0%", -3.0, "{:.1f}%", {}),
    ("about half", 55, "{:.0f}%", {}),
    ("nearly all", 98, "{:d}", {"of": 100}),
    ("most of them", 351, "{:d}", {"of": 503}),
    ("neither", 0, "{:d}", {}),
    ("the second", 2, "rank {:d}", {}),
    ("13th", 13, "{:ordinal}", {}),
    ("Q1 2025", "2025-01-27", "{}", {}),
    ("Jan 2025", "2025-01-27", "{}", {}),
    ("27 Jan", "2025-01-27", "{}", {}),
    ("2025-01-27", "2025-01-27", "{}", {}),
    ("Supported", "supported", "{}", {}),
    ("5.4 percentage points", 5.43, "{:.1f} points", {}),
    ("$1.2 trillion or more", 1.25, "${:.1f} trillion", {}),
    ("rose", 3.2, "{:+.1f}%", {}),
    ("+1.7%", 1.71, "{:+.1f}%", {}),
    ("0.0%", -0.04, "{:.1f}%", {}),
    ("21st", 21, "{:d}", {}),
    ("31st Dec.", "2024-12-31", "{}", {}),
    ("Mon 27 Jan", "2025-01-27", "{}", {}),
    ("the fourth quarter of 2024", "2024-12-31", "{}", {}),
    ("$1 trillion", 999.95, "${:.1f} billion", {}),
]
DISAGREE = [
    ("$592.6 billion", 592.658, "${:.1f} billion", {}),
    ("$592.7 million", 592.658, "${:.1f} billion", {}),
    ("592.7 billion", 592.658, "${:.1f} billion", {}),
    ("16%", 16.97, "{:.1f}%", {}),
    ("17", 16.97, "{:.1f}%", {}),
    ("17%", -16.97, "{:.1f}%", {"before": "NVIDIA rose "}),
    ("seven", 2, "{:d}", {}),
    ("first", 2, "rank {:d}", {}),
    ("both", 3, "{:d}", {}),
    ("none", 1, "{:d}", {}),
    ("all", 5, "{:d}", {"of": 6}),
    ("all six", 5, "{:d}", {"of": 6}),
    ("half", 351, "{:d}", {"of": 503}),
    ("most", 151, "{:d}", {"of": 503}),
    ("nearly $605 billion", 592.658, "${:.1f} billion", {}),  # nobody rounds like that
    ("nearly half", 52, "{:.0f}%", {}),
    ("Tuesday", "2025-01-27", "{}", {}),
    ("27 January 2024", "2025-01-27", "{}", {}),
    ("28 January", "2025-01-27", "{}", {}),
    ("March 2025", "2025-01-27", "{}", {}),
    ("2026", "2025-01-27", "{}", {}),
    ("more than 600", 592, "{:d}", {}),
    ("nearly 592.658", 592.658, "{}", {}),
    ("fewer than 500", 503, "{:d}", {}),
    ("twice", 3, "{:d}", {}),
    ("half", 2, "{:d}", {}),
    ("8 of 21", 9, "{:d}", {"of": 21}),
    ("9 of 22", 9, "{:d}", {"of": 21}),
    ("Nine of 11", 11, "{:d}", {"of": 13}),  # as a share it comes near
    ("$590 billion", 592.658, "${:.1f} billion", {}),
    ("54 hours", 54.2, "{:.0f} days", {}),
    ("17%", 17, "{:d}", {}),
    ("the day", 17, "{:d}", {}),
    ("gained 17%", 16.97, "{:.1f}%", {"what": "NVIDIA's fall"}),
    ("lost 1.7%", 1.71, "{:+.1f}%", {}),
    ("supported", "supported with context", "{}", {}),
    ("−17%", 16.97, "{:.1f}%", {}),
    ("rose", -3.2, "{:.1f}%", {}),
    ("10%", 100, "{:d}%", {}),
    ("nearly all", 100, "{:d}", {"of": 100}),
    ("most", 50, "{:d}", {"of": 100}),
    ("nine of the 34", 9, "{:d}", {"of": 21}),
    ("3 and 4", 3, "{:d}", {}),
    ("February 30", "2025-01-27", "{}", {}),
    ("Q2 2025", "2025-01-27", "{}", {}),
    ("not", True, "{}", {}),
    ("it did", False, "{}", {}),
    ("one", True, "{}", {}),
    ("two hundred", 2, "{:d}", {}),
    ("two dozen", 2, "{:d}", {}),
    ("Two Hundred", 2, "{:d}", {}),
    ("no more than six", 7, "{:d}", {}),
    ("at least 600", 592.7, "{:.1f}", {}),
    ("€592.7 billion", 592.658, "${:.1f} billion", {}),
    ("RMB 592.7 billion", 592.658, "${:.1f} billion", {}),
    ("fell 1.7%", 1.71, "{:+.1f}%", {}),
    ("second", 3, "rank {:d}", {}),
    ("a quarter", 35, "{:.0f}%", {}),
    ("about 600", 500, "{:d}", {}),
    ("10.0", 9.94, "{:.2f}", {}),
    ("more than 503", 503, "{:d}", {}),
    ("at most 502", 503, "{:d}", {}),
    ("−0.0%", -0.04, "{:.1f}%", {}),  # zero has no minus
    ("21th", 21, "{:d}", {}),
    ("13rd", 13, "rank {:d}", {}),
    ("31th December", "2024-12-31", "{}", {}),
    ("Tues 27 January", "2025-01-27", "{}", {}),
    ("27 Sept 2025", "2025-01-27", "{}", {}),
    ("the first quarter of 2024", "2024-12-31", "{}", {}),
    ("1,00", 100, "{:d}", {}),
    ("12,34", 1234, "{:,d}", {}),
    ("1.5m", 1.5, "{:.1f}", {}),  # no unit is called m, and 1 is not what is said
    ("1.2.3", 2.3, "{:.1f}", {}),
    ("$1 trillion", 592.658, "${:.1f} billion", {}),
]


@pytest.mark.parametrize(("text", "value", "form", "more"), AGREE)
def test_texts_that_agree(text, value, form, more):
    assert words.fault(text, value, form, **more) == ""


@pytest.mark.parametrize(("text", "value", "form", "more"), DISAGREE)
def test_texts_that_do_not_agree(text, value, form, more):
    assert words.fault(text, value, form, **more)


FORMS = ["{:.1f}%", "${:.1f} billion", "{:.0f}", "{:,.2f}", "{:+.1f}%", "RMB {:.2f} trillion",
         "{:.1f} points", "{:.0f} days", "{:.1%}"]  # fmt: skip
reals = st.floats(-9e3, 9e3).map(words.plain)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (-0.04, "{:.1f}%", "0.0%"), (-0.0004, "{:+.1%}", "0.0%"), (-0.4, "{:.2f}", "−0.40"),
        (-3, "{:words}", "−3"), (-5, "${:.1f} billion", "−$5.0 billion"),
        (3.2, "RMB {:+.1f}", "+RMB 3.2"), (999.95, "${:.0f} million", "$1,000 million"),
        (1, "{:d} days", "1 day"), (1, "{:words} days", "one day"), (1, "{:.1f} days", "1.0 days"),
        (21, "{:d} days", "21 days"), (21, "{:ordinal}", "21st"), (112, "{:ordinal}", "112th"),
        (dt.date(2025, 1, 27), "{}", "27 January 2025"),
        (dt.date(2025, 1, 27), "{:%-d %b}", "27 Jan"),
        (pd.Timestamp("2025-01-27"), "{:%Y-%m}", "2025-01"),
    ],
)  # fmt: skip
def test_the_form_of_a_number_at_its_edges(value, form, text):
    assert words.write(value, form) == text


@pytest.mark.parametrize("form", ["{:words}", "{:ordinal}", "{:d}"])
def test_half_a_thing_is_no_count_and_no_rank(form):
    with pytest.raises(ValueError, match="2.5 is no whole number"):
        words.write(2.5, form)


@settings(deadline=None)  # other work may run beside
@given(reals, st.sampled_from(FORMS))
def test_what_is_written_agrees(value, form):
    assert words.fault(words.write(value, form), value, form) == ""


@settings(deadline=None)  # other work may run beside
@given(reals, st.sampled_from(FORMS), st.data())
def test_another_digit_does_not_agree(value, form, data):
    text = words.write(value, form)
    places = [i for i, c in enumerate(text) if c.isdigit()]
    place = data.draw(st.sampled_from(places))
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[place]]))
    # a value half-way between two texts may be rounded to either
    assume(place != places[-1] or abs(int(digit) - int(text[place])) > 1)
    changed = text[:place] + digit + text[place + 1 :]
    assert words.fault(changed, value, form)


@settings(deadline=None)  # other work may run beside
@given(reals, reals, st.sampled_from(FORMS))
def test_a_rewritten_text_agrees_with_the_new_value(old, new, form):
    text = words.rewrite(words.write(old, form), new, form)
    assert words.fault(text, new, form, before="it fell or rose by ") == ""


@settings(deadline=None)  # other work may run beside
@given(st.integers(0, 99), st.integers(0, 99))
def test_counts_and_ranks_in_words(count, other):
    assert words.fault(words.in_words(count), count, "{:d}") == ""
    assert words.fault(words.write(count, "{:words}"), count, "{:d}") == ""
    if count:
        assert words.fault(words.ordinal(count), count, "rank {:d}") == ""
    if count != other:
        assert words.fault(words.in_words(other), count, "{:d}")
        assert other == 0 or words.fault(words.ordinal(other), count, "rank {:d}")


days = st.dates(dt.date(1990, 1, 1), dt.date(2039, 12, 31))


@settings(deadline=None)  # other work may run beside
@given(days, days)
def test_dates(day, other):
    value = day.isoformat()
    texts = [words.day, lambda d: f"{d:%A}", lambda d: f"{d:%B %Y}", lambda d: f"{d.year}",
             lambda d: f"{d:%A} {d.day} {d:%B}", lambda d: d.isoformat()]  # fmt: skip
    for text in texts:
        assert words.fault(text(day), value) == ""
        if text(other) != text(day):
            assert words.fault(text(other), value)
    assert words.fault(words.rewrite(words.day(other), value, "{}"), value) == ""


@settings(deadline=None)  # other work may run beside
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_stored_values_keep_through_javascript(value):
    """A browser writes a whole float without its fraction; all else comes back as it was."""
    stored = words.plain(value)
    assume(stored == 0 or 1e-300 < abs(stored) < 1e300)
    assert math.isclose(stored, value, rel_tol=1e-7)
    again = json.loads(json.dumps(stored))
    browser = int(again) if float(again).is_integer() and abs(again) < 1e21 else again
    assert json.dumps(browser) == json.dumps(stored) and type(browser) is type(stored)


def test_a_day_may_have_a_form_of_its_own():
    assert words.write(dt.date(2025, 1, 27), "{:%d %b}") == "27 Jan"
    assert words.write(dt.date(2025, 1, 27), "on {}") == "on 27 January 2025"


def test_a_moment_of_numpy_is_a_day():
    assert words.plain(np.datetime64("2025-01-27T00:00:00.000000000")) == "2025-01-27"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), pd.NaT])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="may not be"):
        words.plain(value)


@pytest.mark.parametrize("value", [[1], {}, object()])
def test_what_is_no_value_is_refused(value):
    with pytest.raises(TypeError, match="not"):
        words.plain(value)


@pytest.mark.parametrize(
    ("text", "value", "form", "new"),
    [
        ("$592.7 billion", 480.31, "${:.1f} billion", "$480.3 billion"),
        ("\N{MINUS SIGN}17.0%", 5.13, "{:.1f}%", "5.1%"), ("9th", 12, "{:d}th", "12th"),
        ("2,048", 12345, "{:,d}", "12,345"),
        ("Monday 27 January", "2026-02-03", "{}", "Tuesday 3 February"),
        ("\N{MINUS SIGN}17.0%", -0.04, "{:.1f}%", "0.0%"),
        ("\N{MINUS SIGN}$1.0 billion", 0, "${:.1f} billion", "$0.0 billion"),
        ("$592.7 million", 1000.04, "${:.1f} million", "$1,000.0 million"),
        ("nearly $600 billion", 641, "${:.1f} billion", "nearly $641 billion"),
        ("$0.59 trillion", 480.3, "${:.1f} billion", "$0.48 trillion"),
        ("seven", 3, "{:d}", None), ("both", 3, "{:d}", None), ("half", 3, "{:d}", None),
    ],
)  # fmt: skip
def test_numerals_are_rewritten_and_words_left_to_a_person(text, value, form, new):
    assert words.rewrite(text, value, form) == new


@pytest.mark.parametrize(
    ("value", "text"),
    [("2025-01-27", "27 January 2025"), ("2025-01", "January 2025"), ("2025-02-30", "2025-02-30"),
     (dt.date(2025, 1, 5), "5 January 2025"), ("soon", "soon")],
)  # fmt: skip
def test_a_day_in_words(value, text):
    assert words.day(value) == text
