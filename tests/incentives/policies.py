"""The first policy, and events by hand."""

import json
from datetime import date
from pathlib import Path

from incentives.rules.counting import Event
from incentives.rules.loading import load

FILE = Path(__file__).resolve().parents[2] / "incentives" / "policy_data" / "FT-2026.1.json"
DAY = date(2026, 11, 24)  # fiscal year 2026-27


def data():
    return json.loads(FILE.read_text())


FT = load(data())


def event(key, code, tenths, counts_on=DAY, verified_on=None, stage="explore", reverses=""):
    return Event(key, code, tenths, counts_on, verified_on or counts_on, stage, reverses)


def events(code, tenths, dates, **fields):
    return [event(f"{code}-{place}", code, tenths, day, **fields) for place, day in enumerate(dates)]
