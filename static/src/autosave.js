// A section is saved while one writes. What is not saved yet is also kept in this browser, so that a cut line, a
// closed window or an ended session loses nothing. Two people who clash are shown both texts; nothing is overwritten.
const PAUSE = 3000; // milliseconds without typing, then it is saved
const FIRST_RETRY = 2000; // after a failure; doubled each time
const LONGEST_RETRY = 60000;
const WARN = 10 * 60000; // before the session ends

const form = document.getElementById("section");
let key = form && form.dataset.autosave; // the person first: the next one on this browser finds nothing
if (key) start();

function start() {
  const status = document.getElementById("saving");
  const place = () => `fund:${key}:${form.elements.version.value}`;
  let timer, running, retry = FIRST_RETRY, stopped = false, failed = null, saved = text(), letThrough = false;

  function text() {
    const said = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "version", "writer", "begin", "from"].includes(name));
    return JSON.stringify(said.map(([name, value]) => [name, String(value).replace(/\r\n/g, "\n")]));
  }

  function say(words, ...parts) {
    status.replaceChildren(words, ...parts.flatMap((part) => [" ", part]));
  }

  function button(words, act) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "fund-link-button", textContent: words });
    made.addEventListener("click", act);
    return made;
  }

  function keep() {
    try {
      localStorage.setItem(place(), JSON.stringify({ at: Date.now(), version: form.elements.version.value, text: text() }));
    } catch { /* a full or forbidden store: the text still stands in the form */ }
  }

  function kept() {
    return Object.keys(localStorage).filter((name) => name.startsWith(`fund:${key}:`));
  }

  function forget() {
    kept().forEach((name) => localStorage.removeItem(name));
  }

  function body(said) {
    const sent = new URLSearchParams(JSON.parse(said));
    sent.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    sent.set("version", form.elements.version.value);
    for (const name of ["writer", "begin", "from"]) if (form.elements[name]) sent.set(name, form.elements[name].value);
    return sent;
  }

  async function send(said) {
    const headers = { Accept: "application/json" };
    const signal = AbortSignal.timeout ? AbortSignal.timeout(20000) : undefined;
    const answer = await fetch(location.href, { method: "POST", headers, body: body(said), signal });
    const json = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : null;
    return { status: answer.status, json };
  }

  // After signing in elsewhere the token of this page is old; a fresh one is read from the same address.
  async function freshToken() {
    const page = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
    const found = new DOMParser().parseFromString(page, "text/html").querySelector("#section [name=csrfmiddlewaretoken]");
    if (found) form.elements.csrfmiddlewaretoken.value = found.value;
    return Boolean(found);
  }

  // Returns "saved", "waiting" (something must be typed first), "stopped" (a person has to decide) or "failed" (it is tried again).
  async function attempt() {
    // What failed may have arrived all the same: it is sent again as it was, so that it never clashes with itself.
    const said = failed || text();
    keep();
    say("Saving…");
    let answer;
    try {
      answer = await send(said);
      if (answer.status === 403 && !answer.json && (await freshToken())) answer = await send(said);
    } catch {
      answer = { status: 0, json: null };
    }
    if (answer.json && answer.json.waits) return waits(answer.json);
    if (answer.status === 200 && answer.json) return arrived(said, answer.json);
    if (answer.status === 409) return clash(answer.json);
    if (answer.status === 401) return signedOut();
    if (answer.json && answer.json.refused) return refused(answer.json);
    return lost(said, answer.status);
  }

  // What another person saved meanwhile goes into the form, unless somebody has begun to type in that very answer.
  function bring(said, brought) {
    const sent = new Map(JSON.parse(said));
    const names = Object.keys(brought);
    if (names.some((name) => !form.elements[name] || form.elements[name].value.replace(/\r\n/g, "\n") !== sent.get(name))) return null;
    names.forEach((name) => { form.elements[name].value = brought[name]; });
    if (names.length) form.parentElement.dispatchEvent(new Event("input", { bubbles: true })); // what depends on it shows
    return JSON.stringify([...sent].map(([name, value]) => [name, name in brought ? brought[name] : value]));
  }

  async function arrived(said, json) {
    const whole = bring(said, json.brought || {});
    if (whole === null) return clash({ clash: json.beside });
    said = whole;
    forget();
    if (json.address) {
      history.replaceState(null, "", json.address); // it has begun: from now on this is its page
      key = json.key;
    }
    form.elements.version.value = json.version;
    form.dataset.sessionEnds = json.session_ends;
    [saved, failed, retry] = [said, null, FIRST_RETRY];
    if (text() !== saved) return attempt();
    const wrong = Object.entries(json.wrong).map(([id, words]) => {
      const link = document.createElement("a");
      Object.assign(link, { className: "govuk-link", href: `#${id}`, textContent: words.join(" ") });
      return link;
    });
    const beside = json.beside ? ` ${json.beside}` : "";
    say(`${json.words}.${beside}${wrong.length ? " Still to correct:" : ""}`, ...wrong);
    return "saved";
  }

  function waits(json) {
    [failed, retry] = [null, FIRST_RETRY];
    say(json.waits);
    return "waiting";
  }

  function clash(json) {
    stopped = true;
    const show = button("See both texts", () => pass());
    say(json.clash, show);
    return "stopped";
  }

  function signedOut() {
    stopped = true;
    const again = button("Sign in again", () => pass());
    say("You have been signed out. Your text is kept here and comes back after you sign in.", again);
    return "stopped";
  }

  function refused(json) {
    stopped = true;
    say(`This cannot be saved: ${json.refused} Your text is kept in this browser.`);
    return "stopped";
  }

  function lost(said, code) {
    failed = said;
    const why = code ? "The fund's server did not answer well." : "There is no connection.";
    say(`Not saved: ${why} Your text is kept here and is sent again by itself.`, button("Try now", () => flush()));
    clearTimeout(timer);
    timer = setTimeout(flush, retry);
    retry = Math.min(retry * 2, LONGEST_RETRY);
    return "failed";
  }

  function flush() {
    clearTimeout(timer);
    if (running) return running;
    if (stopped) return Promise.resolve("stopped");
    if (text() === saved && !failed) return Promise.resolve("saved");
    running = attempt().finally(() => { running = null; });
    return running;
  }

  // The form's own way: the server shows the clash, or signs in again and gives the text back. It waits for the end of
  // the present event, because a form that is being submitted ignores a second submit.
  function pass(pressed) {
    letThrough = true;
    setTimeout(() => form.requestSubmit(pressed));
  }

  function changed() {
    if (text() === saved) return;
    keep();
    if (stopped || failed) return;
    say("Not saved yet.");
    clearTimeout(timer);
    timer = setTimeout(flush, PAUSE);
  }

  form.addEventListener("input", changed);
  form.addEventListener("change", () => { changed(); flush(); });
  form.addEventListener("focusout", () => { if (text() !== saved) flush(); });
  window.addEventListener("online", () => flush());
  window.addEventListener("pageshow", () => { letThrough = false; });
  window.addEventListener("pagehide", () => { if (text() !== saved) keep(); });

  form.addEventListener("submit", async (event) => {
    if (letThrough) return;
    event.preventDefault();
    event.stopPropagation();
    const outcome = await flush();
    if (outcome !== "failed") pass(event.submitter); // the button says where to go on
  });

  function restore(name, entry) {
    for (const [field, value] of JSON.parse(entry.text)) if (form.elements[field]) form.elements[field].value = value;
    form.elements.version.value = entry.version;
    offer.remove();
    form.querySelector("input:not([type=hidden]), textarea, select").focus();
    form.dispatchEvent(new Event("input", { bubbles: true })); // as typed: it is saved, and what depends on it shows
  }

  const found = kept().map((name) => [name, JSON.parse(localStorage.getItem(name))]).sort((a, b) => b[1].at - a[1].at);
  const plain = (said) => JSON.stringify(JSON.parse(said).map(([name, value]) => [name, value.trim()]));
  const [first] = found.filter(([, entry]) => plain(entry.text) !== plain(saved));
  const offer = document.createElement("div");
  if (!first) forget();
  else {
    const when = new Date(first[1].at).toLocaleString("en-GB", { timeZone: "Asia/Thimphu", dateStyle: "long", timeStyle: "short" });
    const words = document.createElement("p");
    words.textContent = `This browser kept a text of ${when} (Thimphu) that did not reach the fund.`;
    offer.className = "govuk-inset-text";
    offer.append(words, button("Put it into the form", () => restore(...first)), " ",
      button("Throw it away", () => { forget(); offer.remove(); }));
    form.before(offer);
  }
  say("What you write is saved by itself.");

  const warning = document.createElement("p");
  warning.setAttribute("role", "alert");
  warning.className = "govuk-body";
  status.after(warning);
  const announce = () => {
    const ends = new Date(form.dataset.sessionEnds);
    const near = ends - Date.now() < WARN && !stopped;
    if (near === Boolean(warning.firstChild)) return;
    const at = ends.toLocaleTimeString("en-GB", { timeZone: "Asia/Thimphu", hour: "2-digit", minute: "2-digit" });
    const stay = button("Stay signed in", () => { failed = text(); flush(); });
    if (near) warning.replaceChildren(`You will be signed out at ${at} unless you save before. `, stay);
    else warning.replaceChildren();
  };
  announce();
  setInterval(announce, 15000);
}
