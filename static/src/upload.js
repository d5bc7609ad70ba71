// Sending a file: it may be dropped anywhere on the page, and its progress is shown. Without this script the form works as it is.
const form = document.querySelector("form[data-upload]");

if (form) {
  const input = form.querySelector("input[type=file]");
  const status = form.querySelector("[data-upload-status]");
  const progress = form.querySelector("[data-upload-progress]");

  const over = (yes) => form.classList.toggle("fund-drop", yes);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || over(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const files = event.dataTransfer.files;
    if (!files.length) return;
    const one = new DataTransfer();
    one.items.add(files[0]);
    input.files = one.files;
    say(`Chosen: ${files[0].name}. Press Attach.${files.length > 1 ? " Files are attached one at a time." : ""}`);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    send();
  });

  function say(words) {
    status.hidden = false;
    status.textContent = words;
  }

  function send() {
    const line = new XMLHttpRequest();
    progress.hidden = false;
    say("Sending the file.");
    line.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = (loaded * 100) / total));
    line.upload.addEventListener("load", () => say("Sent. The file is being checked."));
    line.addEventListener("error", () => {
      delete form.dataset.sent;
      progress.hidden = true;
      say("The connection broke. The file was not sent; press Attach to try again.");
    });
    line.addEventListener("load", () => show(line));
    line.open("POST", location.href);
    line.setRequestHeader("Accept", "application/json");
    line.send(new FormData(form));
  }

  // A refusal comes as this page with the reason; success names the page that says so; anything else leads on.
  function show(line) {
    const json = (line.getResponseHeader("Content-Type") || "").startsWith("application/json");
    if (json) return location.assign(JSON.parse(line.responseText).address);
    if (line.status !== 400) return location.assign(line.status === 200 ? line.responseURL : location.href);
    const next = new DOMParser().parseFromString(line.responseText, "text/html");
    delete form.dataset.sent;
    progress.hidden = true;
    status.hidden = true;
    document.title = next.title;
    document.querySelectorAll(".govuk-error-summary, form[data-upload] .govuk-error-message").forEach((old) => old.remove());
    const [group, fresh] = [input, next.querySelector("form[data-upload] input[type=file]")].map((part) => part.closest(".govuk-form-group"));
    group.classList.add("govuk-form-group--error");
    input.before(fresh.querySelector(".govuk-error-message"));
    const summary = next.querySelector(".govuk-error-summary");
    document.querySelector("main").prepend(summary);
    summary.tabIndex = -1;
    summary.focus();
  }
}
