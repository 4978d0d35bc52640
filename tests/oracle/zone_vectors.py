#!/usr/bin/env python3
"""Prints offsets and day starts of time zones by Python's zoneinfo on the same tzdata:
  ZONE offset SECONDS OFFSET
  ZONE start DAY SECONDS        first second of the local day"""
import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

r = random.Random(7)
ZONES = ["UTC", "Europe/Berlin", "Europe/Paris", "Europe/Dublin", "America/New_York", "America/Los_Angeles",
         "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Asia/Karachi", "Asia/Beirut", "Africa/Cairo",
         "Pacific/Apia", "Pacific/Auckland", "Australia/Lord_Howe", "America/Bogota"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SPECIAL = [date(2011, 12, 29), date(2011, 12, 31), date(2018, 11, 4), date(2018, 11, 5), date(2024, 3, 31), date(2024, 10, 27),
           date(2023, 3, 26), date(2024, 4, 26), date(2024, 10, 31), date(2100, 3, 28), date(2150, 7, 1)]
for name in ZONES:
    zone = ZoneInfo(name)
    for _ in range(60):
        s = r.randint(-2208988800, 7258118400)
        at = EPOCH + timedelta(seconds=s)
        print(name, "offset", s, int(at.astimezone(zone).utcoffset().total_seconds()))
    for day in SPECIAL + [date(1975, 1, 1) + timedelta(days=r.randint(0, 60000)) for _ in range(20)]:
        lo = int((datetime(day.year, day.month, day.day, tzinfo=timezone.utc) - EPOCH).total_seconds()) - 40 * 3600
        seconds = next(s for s in range(lo, lo + 80 * 3600, 60)
                       if (EPOCH + timedelta(seconds=s)).astimezone(zone).date() >= day)
        print(name, "start", (day - date(1970, 1, 1)).days, seconds)
