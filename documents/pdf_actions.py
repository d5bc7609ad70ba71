"""Actions of PDF files: a jump inside the file, or a link to the web or a mail address; every other is refused."""

import re
from typing import Any

import pikepdf

from .enums import FileFault
from .errors import FileRefused

ACTING = {
    "/JavaScript": "a script", "/Launch": "a command", "/SubmitForm": "a form that sends itself",
    "/ImportData": "data from outside", "/GoToR": "a jump to another file", "/GoToE": "a jump to another file",
    "/Thread": "a jump to another file", "/Rendition": "a film", "/Movie": "a film", "/Sound": "a sound",
    "/RichMedia": "a film", "/RichMediaExecute": "a film", "/Screen": "a film", "/3D": "a model in space",
    "/GoTo3DView": "a model in space", "/GoToDp": "a jump to another file", "/Named": "a command",
    "/SetOCGState": "a change of what is shown", "/Hide": "a change of what is shown", "/Trans": "a film",
    "/ResetForm": "a form that empties itself",
}  # fmt: skip
# Also words of other things than actions (a part of a text may be called so), so these count only as actions.
_AMBIGUOUS = ("/Thread", "/Named", "/Hide", "/Trans", "/ResetForm", "/SetOCGState", "/GoToDp", "/GoTo3DView")
MARKED = {word: said for word, said in ACTING.items() if word not in _AMBIGUOUS}
_PAGES = ("/NextPage", "/PrevPage", "/FirstPage", "/LastPage")
_ADDRESS = re.compile(r"(?:https?://|mailto:|www\.)[^\x00-\x20\\]*", re.IGNORECASE)


def _check_action(action: Any, opening: bool = False) -> None:
    """Refuse an action unless it is a jump inside the file or, where somebody has to press for it, a link."""
    kind = str(action.get("/S", ""))
    if kind == "/GoTo" and not (opening and "/Next" in action):
        return
    if opening:
        raise FileRefused(FileFault.ACTIVE, "an action at opening")
    if kind == "/Named" and str(action.get("/N", "")) in _PAGES:
        return
    if kind != "/URI":
        raise FileRefused(FileFault.ACTIVE, ACTING.get(kind, "an unknown action"))


def _check_address(entry: Any) -> None:
    said = entry.get("/URI")
    address = str(said) if isinstance(said, pikepdf.String) else ""
    if not _ADDRESS.fullmatch(address):
        raise FileRefused(FileFault.LINKED, address[:60] or "an empty address")


def check_actions(entry: Any) -> None:
    """Refuse what one dictionary starts: by itself, or when somebody presses; raises FileRefused."""
    for key in ("/A", "/PA", "/Next", "/OpenAction"):
        value = entry.get(key)
        for one in value if key == "/Next" and isinstance(value, pikepdf.Array) else [value]:
            if isinstance(one, pikepdf.Dictionary) and ("/S" in one or key == "/OpenAction"):
                _check_action(one, opening=key == "/OpenAction")
    if str(entry.get("/Type", "")) == "/Action":
        _check_action(entry)
    if str(entry.get("/S", "")) == "/URI":
        _check_address(entry)
    if isinstance(entry, pikepdf.Stream) and ("/F" in entry or "/FFilter" in entry):
        raise FileRefused(FileFault.LINKED, "a part that lies in another file")
    above = entry.get("/Ref")
    if isinstance(above, pikepdf.Dictionary) and "/F" in above:
        raise FileRefused(FileFault.LINKED, "a page of another file")
