"""The few filters that templates use."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField, Textarea, TextInput
from django.utils import timezone
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def money(chhetrum: int | None) -> str:
    """Show integer chhetrum as ngultrum, e.g. 123456700 -> `Nu. 1,234,567`."""
    if chhetrum is None:
        return "Not provided"
    whole, part = divmod(abs(chhetrum), 100)
    return f"{'−' if chhetrum < 0 else ''}Nu. {whole:,}" + (f".{part:02d}" if part else "")


@register.filter
def moment(value: datetime | None) -> str:
    """Show an aware time with its zone, e.g. `24 November 2026, 18:00 (Thimphu)`."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{local.day} {local:%B %Y, %H:%M} (Thimphu)"


@register.filter
def day(value: str) -> str:
    """Show a stored day, e.g. `2026-11-01` -> `1 November 2026`; anything else as it is."""
    try:
        when = date.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return f"{when.day} {when:%B %Y}"


@register.filter
def moment_before(value: datetime | None) -> str:
    """Show an exclusive end as its last minute: 18:00:00Z is shown as 23:59 in Thimphu."""
    return moment(value - timedelta(minutes=1)) if value else ""


@register.filter
def get(mapping: Any, key: str) -> Any:
    """Return `mapping[key]` or an empty text."""
    return (mapping or {}).get(key, "")


DEFAULTS = (  # how the framework's own errors begin that do not name the field, and what is said instead
    ("This field is required.", "Answer “{}”."), ("Select a valid choice.", "Choose one of the answers of “{}”."),
)  # fmt: skip


@register.filter
def named(error: Any, field: BoundField) -> str:
    """Return an error so that it names its field, where it is one of the framework's own that does not."""
    said = str(error)
    return next((words.format(field.label) for begun, words in DEFAULTS if said.startswith(begun)), said)


TIBETAN = re.compile("[\u0f00-\u0fff]")


@register.filter
def lang(text: Any) -> SafeString:
    """Return the attribute of an element that shows what a person wrote: Dzongkha, or some Tibetan letters in it.

    Both give the lines more room; only the first is read aloud as Dzongkha.
    """
    letters = [char for char in str(text or "") if char.isalpha()]
    tibetan = sum(bool(TIBETAN.match(char)) for char in letters)
    if not TIBETAN.search(str(text or "")):
        return SafeString("")
    return SafeString(' lang="dz"') if tibetan * 2 >= len(letters) else SafeString(" data-tibetan")


CLASSES = {
    "textarea": "govuk-textarea govuk-js-character-count",
    "select": "govuk-select",
    "checkbox": "govuk-checkboxes__input",
    "file": "govuk-file-upload",
    "input": "govuk-input",
}


@register.simple_tag
def styled(field: BoundField) -> SafeString:
    """Render the field's control with its class, hint and error tied to it.

    The browser does not cut what is too long: the server says by how much, and nothing of it is lost.
    """
    widget = field.field.widget
    kind = getattr(widget, "input_type", "") or type(widget).__name__.lower()
    css = CLASSES.get(kind, CLASSES["input"])
    base = css.split()[0]
    described = []
    if field.help_text and kind != "checkbox":
        described.append(f"{field.auto_id}_helptext")
    if field.errors:
        described.append(f"{field.auto_id}_error")
        css += f" {base}--error"
    attrs: dict[str, str | bool] = {"class": css, "maxlength": False}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if field.errors:
        attrs["aria-invalid"] = "true"
    if isinstance(widget, TextInput | Textarea) and TIBETAN.search(str(field.value() or "")):
        attrs["lang"] = "dz"
    return field.as_widget(attrs=attrs)
