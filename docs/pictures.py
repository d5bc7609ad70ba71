"""Makes the README's pictures from a served demonstration fund: `python docs/pictures.py http://localhost:8000`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent / "pictures"


def main(base: str) -> None:
    """Sign in as the lead and take each main page at phone and desk width."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(base + "/account/login/")
        page.get_by_label("E-mail address").fill("lead@demo.example")
        page.get_by_label("Password").fill("learn-by-trying")
        page.get_by_role("button", name="Sign in").click()
        page.goto(base + "/proposals/")
        page.get_by_role("link", name="Birth certificate before the mother goes home").click()
        proposal = page.url
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 720})
            for name, url in (("my-work", base + "/"), ("call", base + "/calls/explore-2026-2/"), ("tasks", proposal)):
                page.goto(url)
                page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
