import { initAll } from "./govuk-frontend.min.js";

initAll();

// A form is sent once: a second press while the answer is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// Background work: look again every two seconds, and show the page anew when it is ready.
document.querySelectorAll("[data-refresh]").forEach((part) => {
  const look = async () => {
    const answer = await fetch(part.dataset.refresh, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer && answer.ok) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-refresh]");
      if (!next) return location.reload();
      part.replaceChildren(...next.childNodes);
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 2000);
});

// A question that depends on a choice is there only while that choice stands; without script its condition is told.
const conditional = [...document.querySelectorAll("[data-shown-if]")];
function showAsked() {
  conditional.forEach((block) => {
    const control = block.closest("form").elements[block.dataset.shownIf];
    const first = control instanceof RadioNodeList ? control[0] : control;
    const before = first && first.closest("[data-asked]");
    block.hidden = !control || control.value !== block.dataset.shownValue || Boolean(before && before.hidden);
  });
}
if (conditional.length) {
  document.addEventListener("input", showAsked);
  window.addEventListener("pageshow", showAsked);
  showAsked();
}

// Stacked Dzongkha letters need more room, also while they are typed.
document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea, input[type=text]")) target.toggleAttribute("data-tibetan", /[\u0f00-\u0fff]/.test(target.value));
});

// A sum of typed figures, said while they are typed; the server checks it again.
document.querySelectorAll("[data-sum]").forEach((line) => {
  const parts = [...document.querySelectorAll(`[data-part="${line.dataset.sum}"]`)];
  const say = () => {
    const sum = parts.reduce((all, part) => all + (parseInt(part.value, 10) || 0), 0);
    const right = sum === Number(line.dataset.wanted);
    line.textContent = `The weights add up to ${sum}.${right ? "" : ` They must add up to ${line.dataset.wanted}.`}`;
  };
  parts.forEach((part) => part.addEventListener("input", say));
  say();
});
