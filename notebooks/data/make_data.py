"""Makes the data of this folder: one hour of a small shop's web server log, and a week of disk readings.

Invented, and the same on every run. Addresses are those reserved for documentation.
"""

import csv
import datetime
import pathlib
import random

HERE = pathlib.Path(__file__).parent
START = datetime.datetime(2026, 3, 2, 10, 0, tzinfo=datetime.timezone.utc)
LINES = 2000
PAGES = [
    ("/", 24, 40), ("/products", 18, 90), ("/products/{n}", 22, 70), ("/cart", 8, 60), ("/checkout", 4, 240),
    ("/api/search?q={w}", 14, 180), ("/static/site.css", 6, 4), ("/static/app.js", 6, 5), ("/login", 3, 120),
    ("/favicon.ico", 2, 3), ("/wp-login.php", 1, 2), ("/.env", 1, 2),
]  # fmt: skip
WORDS = ["lamp", "desk", "chair", "shelf", "rug", "clock"]
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/133.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0",
    "curl/8.5.0",
]
OUTAGE = range(31, 36)  # minutes in which the shop's database was away


def web_log(dice: random.Random) -> list[str]:
    clients = [f"192.0.2.{n}" for n in range(10, 60)] + [f"198.51.100.{n}" for n in range(1, 40)] + ["203.0.113.7"] * 6
    seconds = sorted(dice.randrange(3600) for _ in range(LINES))
    return [log_line(dice, dice.choice(clients), START + datetime.timedelta(seconds=second)) for second in seconds]


def log_line(dice: random.Random, client: str, when: datetime.datetime) -> str:
    page, _, usual = dice.choices(PAGES, weights=[weight for _, weight, _ in PAGES])[0]
    path = page.format(n=dice.randrange(100, 400), w=dice.choice(WORDS))
    dynamic = not path.startswith("/static")
    status, took = 200, max(1, int(dice.gauss(usual, usual / 4)))
    if path in ("/wp-login.php", "/.env"):
        status = 404
    elif when.minute in OUTAGE and dynamic and dice.random() < 0.45:
        status, took = dice.choice([500, 503]), 5000 + dice.randrange(900)
    elif dice.random() < 0.02:
        status = dice.choice([301, 304, 404, 403])
    method = "POST" if path in ("/login", "/checkout") else "GET"
    size = 0 if status in (301, 304) else dice.randrange(300, 48000)
    stamp = when.strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{stamp}] "{method} {path} HTTP/1.1" {status} {size} "-" "{dice.choice(AGENTS)}" {took}'


def disk_rows(dice: random.Random) -> list[dict[str, object]]:
    drives = [("web01", "C", 120), ("web01", "D", 500), ("web02", "C", 120), ("db01", "C", 120), ("db01", "E", 2000)]
    rows: list[dict[str, object]] = []
    for computer, drive, size in drives:
        free = size * dice.uniform(0.3, 0.7)
        for day in range(7):
            free = max(1.0, free - size * dice.uniform(0.0, 0.08))
            date = (START + datetime.timedelta(days=day)).date().isoformat()
            rows.append({"Date": date, "Computer": computer, "Drive": drive, "SizeGB": size, "FreeGB": round(free, 1)})
    return rows


if __name__ == "__main__":
    dice = random.Random(20260302)  # noqa: S311 - not for secrets
    (HERE / "access.log").write_text("\n".join(web_log(dice)) + "\n", encoding="utf-8", newline="\n")
    rows = disk_rows(dice)
    with (HERE / "disks.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
