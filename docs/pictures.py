"""Makes the README's pictures from a served demonstration fund: `python docs/pictures.py http://localhost:8000`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
# name of the picture, account, path to start from, link to follow from there ("" for none), then what is added
PICTURES = (
    ("my-work", "lead", "/", "", ""),
    ("grant", "lead", "/grants/", "Second opinion by video for rural clinics", ""),
    ("my-record", "lead", "/my-record/", "", ""),
    ("assign", "secretariat", "/proposals/?q=snow", "Snow clearing by turns at Thrumshing La", "reviewers/"),
)


def take(browser: Browser, base: str, name: str, account: str, path: str, link: str, more: str) -> None:
    """Sign in, go there, and keep the page at phone and desk width."""
    page = browser.new_context().new_page()
    page.goto(base + "/account/login/")
    page.get_by_label("E-mail address").fill(f"{account}@demo.example")
    page.get_by_label("Password").fill("learn-by-trying")
    page.get_by_role("button", name="Sign in").click()
    page.goto(base + path)
    if link:
        page.get_by_role("link", name=link).first.click()
    if more:
        page.goto(page.url + more)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        page.screenshot(path=FOLDER / f"{name}-{width}.png", clip={"x": 0, "y": 0, "width": width, "height": 1400})


def main(base: str) -> None:
    """Take every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for row in PICTURES:
            take(browser, base, *row)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
