"""A calendar of its own kind reads what programs say of their dates."""

from datetime import date, datetime, timedelta
from urllib.request import urlopen

import icalendar


def events(demo, path):
    with urlopen(f"{demo.line['portal']}{path}") as answer:
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        calendar = icalendar.Calendar.from_ical(answer.read())
    assert calendar.errors == []
    found = calendar.walk("VEVENT")
    assert all(event.errors == [] for event in found)
    return {str(event["uid"]): event for event in found}


def test_two_years_of_a_programs_rounds(demo):
    found = events(demo, "/programs/openai-researcher-access/calendar.ics")
    closes = [event for uid, event in found.items() if uid.endswith("-closes@bursar")]
    assert len(closes) == 8
    for event in closes:
        ends = event["dtend"].dt
        assert isinstance(ends, datetime) and ends.day == 1 and ends.month in (3, 6, 9, 12)
        assert ends - event["dtstart"].dt == timedelta(hours=1)
        assert event.walk("VALARM")
    credit = [event for uid, event in found.items() if uid.endswith("-credit@bursar")]
    assert all(type(event["dtstart"].dt) is date for event in credit)


def test_names_with_every_letter_stay_whole(demo):
    names = {str(event["summary"]) for event in events(demo, "/programs.ics").values()}
    assert any("Nebius Research Credits" in name for name in names)
    assert len(names) > 100
