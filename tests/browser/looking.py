"""Looking at one page in Chromium as a demanding visitor would; every check returns what is wrong in words."""

from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.test.testcases import LiveServerThread, _StaticFilesHandler
from django.urls import reverse

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HEIGHT = 800

# One h1, a title of its own, the help link first in the footer, nothing that scrolls sideways, no positive tabindex.
STANDS = """() => {
  const wrong = [], headings = document.querySelectorAll('h1').length;
  if (headings !== 1) wrong.push(`${headings} h1`);
  const title = document.title.replace(/^Error: /, '');
  if (!/^\\S.* – Innovation Fund$/.test(title) || /^Innovation Fund –/.test(title))
    wrong.push(`the title names no page: ${title}`);
  const help = document.querySelector('footer a');
  if (!help || help.getAttribute('href') !== '/help/') wrong.push('help is not where it always is');
  if (document.documentElement.scrollWidth > window.innerWidth) wrong.push('scrolls sideways');
  if (document.querySelector('[tabindex]:not([tabindex="0"], [tabindex="-1"])')) wrong.push('orders focus by force');
  return wrong;
}"""
# Focus each stop in order: it must be on the screen with nothing before it (WCAG 2.4.11).
REACHED = """() => {
  const stops = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, '
    + '[tabindex="0"]')].filter(e => !e.disabled && e.getClientRects().length);
  const wrong = [];
  for (const stop of stops) {
    stop.focus();
    if (document.activeElement !== stop) { wrong.push(`cannot be focused: ${stop.outerHTML.slice(0, 120)}`); continue; }
    const box = stop.getClientRects()[0];
    const x = Math.min(Math.max(box.x + Math.min(box.width / 2, 40), 1), innerWidth - 2);
    const y = Math.min(Math.max(box.y + Math.min(box.height / 2, 40), 1), innerHeight - 2);
    const top = document.elementFromPoint(x, y);
    if (!top || !(stop.contains(top) || top.contains(stop) || [...(stop.labels || [])].some(l => l.contains(top))))
      wrong.push(`hidden when focused: ${stop.outerHTML.slice(0, 120)}`);
  }
  document.activeElement.blur();
  window.scrollTo(0, 0);
  window.reached = new Set();
  document.addEventListener('focusin', event => window.reached.add(event.target));
  // Tab enters a group of radio buttons once; arrows move inside it.
  const group = e => e.type === 'radio' ? stops.filter(o => o.name === e.name && o.form === e.form) : [e];
  window.missed = () => stops.filter(e => e.getClientRects().length && !group(e).some(o => window.reached.has(o)))
    .map(e => e.outerHTML.slice(0, 120));
  const parts = document.querySelectorAll('[type=date], [type=datetime-local]').length * 7;  // and the calendar
  return { stops: stops.length + parts, wrong };
}"""
# Text spacing (WCAG 1.4.12) by a constructed sheet, which the page's policy does not forbid: nothing may be cut off.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; '
    + 'word-spacing: 0.16em !important } p { margin-bottom: 2em !important }');
  document.adoptedStyleSheets = [sheet];
  const wrong = document.documentElement.scrollWidth > window.innerWidth ? ['with wide text it scrolls sideways'] : [];
  const cut = (style, size, room) => (style === 'hidden' || style === 'clip') && size > room + 1;
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('.govuk-visually-hidden, .govuk-skip-link, svg') || !e.innerText) continue;
    const style = getComputedStyle(e);
    if (cut(style.overflowX, e.scrollWidth, e.clientWidth) || cut(style.overflowY, e.scrollHeight, e.clientHeight))
      wrong.push(`cuts wide text off: ${e.outerHTML.slice(0, 120)}`);
  }
  document.adoptedStyleSheets = [];
  return wrong;
}"""
# Fill the form with these values, everything else left empty, and send it as its last button does.
SENT = """values => {
  const form = [...document.querySelectorAll('main form[novalidate]')].pop();
  for (const field of form.elements) {
    if (!field.name || field.type === 'hidden' || field.type === 'submit') continue;
    if (['checkbox', 'radio'].includes(field.type)) field.checked = false; else field.value = values[field.name] ?? '';
  }
  form.requestSubmit([...form.querySelectorAll('button[type=submit]')].pop());
}"""


class Site:
    """The product in threads of this process, on the database of the test."""

    def __init__(self):
        self.thread = LiveServerThread("localhost", _StaticFilesHandler, {})
        self.thread.daemon = True
        self.thread.start()
        self.thread.is_ready.wait()
        if self.thread.error:
            raise self.thread.error
        self.url = f"http://localhost:{self.thread.port}"

    def stop(self):
        self.thread.terminate()


class Visitor:
    """One person, or nobody, at one browser of one width; collects what is wrong with each page."""

    def __init__(self, browser, site, person, width, purpose="committee"):
        self.context = browser.new_context(viewport={"width": width, "height": HEIGHT})
        if person is not None:
            client = Client()
            client.force_login(person)
            if purpose:  # asked before people's records are shown
                client.post(reverse("hr_people"), {"purpose": purpose})
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
        self.page, self.base, self.axe = self.context.new_page(), site.url, Axe()
        self.page.set_default_timeout(60_000)
        self.faults, self.said = [], []
        self.page.on("console", lambda m: self.said.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))

    def go(self, name, path, status=200):
        """Open a page and look at it."""
        answer = self.page.goto(self.base + path)
        if answer.status != status:
            self.faults.append((name, f"answers {answer.status}, not {status}"))
            return
        self.look(name, refused=status != 200)

    def send(self, name, path, values):
        """Send the page's form with `values` alone; it must come back with its errors."""
        self.page.goto(self.base + path)
        if not self.page.locator("main form[novalidate]").count():
            self.faults.append((name, f"asks nothing, but says “{self.page.title()}”"))
            return
        with self.page.expect_navigation():
            self.page.evaluate(SENT, values)
        if not self.page.title().startswith("Error: "):
            self.faults.append((name, f"shows no error, but “{self.page.title()}”"))
        if self.page.locator(".govuk-error-summary li").count() == 0:
            self.faults.append((name, "has no error summary"))
        for link in self.page.locator(".govuk-error-summary a").all():
            target = urlsplit(link.get_attribute("href")).fragment
            if self.page.locator(f'[id="{target}"]').count() != 1:
                self.faults.append((name, f"error leads nowhere: {target}"))
        self.look(f"{name} refused", refused=True)

    def look(self, name, refused=False):
        """Look at the page that is open."""
        self.page.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
        found = self.axe.run(self.page, options=RULES).response["violations"]
        wrong = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
        wrong += self.page.evaluate(STANDS) + self.page.evaluate(SPACED)
        reached = self.page.evaluate(REACHED)
        wrong += reached["wrong"]
        for number in range(reached["stops"] + 20):  # a part that scrolls is a stop of its own, as is the window
            self.page.keyboard.press("Tab")
            if number >= reached["stops"] and not self.page.evaluate("window.missed()"):
                break
        wrong += [f"no Tab leads to {missed}" for missed in self.page.evaluate("window.missed()")]
        expected = "the server responded with a status of"
        wrong += [text for text in self.said if not (refused and expected in text)]
        self.said.clear()
        self.faults += [(name, fault) for fault in wrong]
