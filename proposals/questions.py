"""A call's own questions: the form made from them, what is missing, and the answers as people read them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.html import escape

from fund.enums import QuestionKind
from fund.models import Question
from lifecycle.prepared import prepared
from lifecycle.remembering import remembered
from people.templatetags.fund import money

from .enums import CallSection
from .form_base import Frame, SectionForm, day, day_in_words, figure, line, money_line, number_in
from .graphemes import count

ROWS = 5  # of a small table
CELL = 200
HARD_LIMIT = 20_000  # characters; the limit of a text counts letters

Named = list[tuple[str, forms.Field]]


def questions_of(proposal: Any) -> list[Question]:
    """Return the own questions of the proposal's call, in their order."""
    return [] if proposal.call_id is None else questions_in(proposal.call_id)


@prepared
def _questions_of_call(call: int) -> Any:
    return Question.objects.filter(call=call).select_related("call", "shown_if")


@remembered
def questions_in(call: int) -> list[Question]:
    """Return the own questions of one call by its key."""
    return _questions_of_call(call)


def condition(question: Question) -> str:
    """Return in one sentence when the question is to be answered; empty where it always is."""
    if question.shown_if is None:
        return ""
    return f"Answer this only if you chose “{question.shown_value}” at “{question.shown_if.text}”."


def _hint(question: Question) -> str:
    """Return what stands beside the question, as plain text."""
    parts = [condition(question), question.help_text]
    if question.kind == QuestionKind.TEXT:
        parts.append(f"At most {question.limit} letters; a letter with its vowel signs counts as one.")
    if question.kind == QuestionKind.FILE:
        parts.append("Attach it first, under “Attached files”; then you can choose it here.")
        if question.call.names_hidden:
            parts.append("Reviewers see it under a number instead of its name. Leave names out of the file itself.")
    parts.append("" if question.required else "You may leave it empty.")
    parts.append("Reviewers do not see the answer." if question.hidden and question.call.names_hidden else "")
    return " ".join(part for part in parts if part)


def _help(question: Question) -> str:
    """Return the hint for a field, whose hints are shown unescaped."""
    return str(escape(_hint(question)))


def _text(question: Question) -> forms.Field:
    return forms.CharField(max_length=HARD_LIMIT, widget=forms.Textarea(attrs={"rows": 5}))


def _choice(question: Question) -> forms.Field:
    return forms.ChoiceField(choices=[("", "Choose"), *((value, value) for value in question.choices)])


def _day(question: Question) -> forms.Field:
    return day(question.text)


def _amount(question: Question) -> forms.Field:
    return money_line(question.text)


def _file(question: Question) -> forms.Field:
    wrong = {"invalid_choice": f"Choose one of the attached files for “{question.text}”."}
    return forms.ChoiceField(error_messages=wrong)  # the files of one proposal: QuestionsForm knows them


MAKERS: dict[QuestionKind, Callable[[Question], forms.Field]] = {
    QuestionKind.TEXT: _text, QuestionKind.CHOICE: _choice, QuestionKind.DATE: _day, QuestionKind.MONEY: _amount,
    QuestionKind.NUMBER: lambda question: figure(""), QuestionKind.FILE: _file,
}  # fmt: skip


def fields_of(question: Question) -> Named:
    """Return the form fields of one question: one, or for a table one for each cell."""
    if question.kind == QuestionKind.TABLE:
        return _cells(question)
    field = MAKERS[QuestionKind(question.kind)](question)
    field.label, field.help_text = question.text, _help(question)
    return [(question.name, field)]


def _cells(question: Question) -> Named:
    named: Named = []
    for row in range(1, ROWS + 1):
        for place, column in enumerate(question.columns, start=1):
            field = line(f"{question.text}: {column}, row {row}", limit=CELL)
            named.append((f"{question.name}_{row}_{place}", field))
    return named


@dataclass(frozen=True)
class TableRow:
    """One row of a table on the page: its number, and each cell with the column that it stands in."""

    number: int
    cells: list[tuple[str, forms.BoundField]]


@dataclass(frozen=True)
class Block:
    """One question on the page: a field, or the rows of a table; `more` are the empty ones after the next to fill."""

    question: Question
    field: forms.BoundField | None
    help: str
    rows: list[TableRow]
    more: list[TableRow]
    wrong: bool  # a block with a mistake is never hidden by the page's script


class QuestionsForm(SectionForm):
    """The form of one call; with `complete`, what applies and is required must be there."""

    template_name = "forms/questions.html"
    questions: tuple[Question, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False  # whether it must be there can depend on another answer
        for name in (question.name for question in self.questions if question.kind == QuestionKind.FILE):
            self.fields[name].choices = [("", "Choose an attached file"), *self.frame.files]  # type: ignore[attr-defined]

    @property
    def blocks(self) -> list[Block]:
        """Return the questions as the page lays them out."""
        return [self._block(question) for question in self.questions]

    def _block(self, question: Question) -> Block:
        names = [name for name, _ in fields_of(question)]
        wrong = any(name in self.errors for name in names)
        if question.kind != QuestionKind.TABLE:
            return Block(question, self[names[0]], "", [], [], wrong)
        columns = list(enumerate(question.columns, start=1))
        rows = [
            TableRow(row, [(column, self[f"{question.name}_{row}_{n}"]) for n, column in columns])
            for row in range(1, ROWS + 1)
        ]
        filled = [row.number for row in rows if any(cell.value() for _, cell in row.cells)]
        shown_rows = max(filled, default=0) + 1
        return Block(question, None, _hint(question), rows[:shown_rows], rows[shown_rows:], wrong)

    def clean(self) -> dict[str, Any]:
        """Hold texts to their letters, and with `complete` ask for what applies."""
        cleaned = super().clean() or self.cleaned_data
        given = {name: "" if value is None else str(value) for name, value in cleaned.items()}
        for question in self.questions:
            first = fields_of(question)[0][0]
            if question.kind == QuestionKind.TEXT and count(given.get(first, "")) > question.limit:
                extra = count(given[first]) - question.limit
                self.add_error(first, f"“{question.text}” is too long by {extra}. Shorten it.")
            empty = not any(given.get(name) for name, _ in fields_of(question))
            asked = self.complete and question.required and applies(question, given)
            if asked and empty and first not in self.errors:
                self.add_error(first, f"Answer “{question.text}”.")
        return cleaned


def applies(question: Question, answers: dict[str, str]) -> bool:
    """Tell whether the question is asked, given the choices made before it, and those before them."""
    before = question.shown_if
    if before is None:
        return True
    return answers.get(before.name, "") == question.shown_value and applies(before, answers)


def form_class_for(questions: list[Question]) -> type[QuestionsForm]:
    """Return the form of these questions."""
    named = {name: field for question in questions for name, field in fields_of(question)}
    return type("QuestionsForm", (QuestionsForm,), named | {"questions": tuple(questions)})


def answers_to(proposal: Any) -> dict[str, str]:
    """Return the stored answers."""
    section = next((row for row in proposal.sections.all() if row.key == CallSection.QUESTIONS), None)
    return dict(section.answers) if section else {}


def with_files(frame: Frame, proposal: Any, questions: list[Question]) -> Frame:
    """Return the frame with the proposal's attached files where a question asks for one."""
    if not any(question.kind == QuestionKind.FILE for question in questions):
        return frame
    files = proposal.attachments.select_related("file")
    return replace(frame, files=tuple((str(found.pk), found.file.original_name) for found in files))


def missing_of(proposal: Any) -> list[str]:
    """Return what the questions of the call still need, one sentence each; nothing when the call has none."""
    questions = questions_of(proposal)
    if not questions:
        return []
    form = form_class_for(questions)(
        answers_to(proposal), complete=True, frame=with_files(Frame(), proposal, questions)
    )
    return [str(error) for errors in form.errors.values() for error in errors]


def frozen_answers(proposal: Any) -> list[dict[str, Any]]:
    """Return the answers as a version keeps them: question, words, and whether reviewers are kept from them."""
    questions, given = questions_of(proposal), answers_to(proposal)
    blind = bool(questions) and questions[0].call.names_hidden
    files = dict(with_files(Frame(), proposal, questions).files)
    return [
        {"question": q.text, "answer": shown(q, given, files), "hidden": q.hidden and blind} | _file_of(q, given, files)
        for q in questions
        if applies(q, given)
    ]


def _file_of(question: Question, given: dict[str, str], files: dict[str, str]) -> dict[str, str]:
    """Return which attachment answers the question, where one does."""
    said = given.get(question.name, "")
    return {"file": said} if question.kind == QuestionKind.FILE and said in files else {}


def shown(question: Question, answers: dict[str, str], files: dict[str, str]) -> str:
    """Return one answer as people read it; `files` names the attachments."""
    said = answers.get(question.name, "")
    if question.kind == QuestionKind.FILE:
        return files.get(said, "")
    if question.kind == QuestionKind.TABLE:
        return _table(question, answers)
    if said and question.kind == QuestionKind.MONEY:
        amount = number_in(said, money_line(question.text))
        return said if amount is None else money(int(amount * 100))
    return day_in_words(said) if said and question.kind == QuestionKind.DATE else said


def _table(question: Question, answers: dict[str, str]) -> str:
    rows = []
    for row in range(1, ROWS + 1):
        cells = [answers.get(f"{question.name}_{row}_{n}", "") for n in range(1, len(question.columns) + 1)]
        if any(cells):
            rows.append("; ".join(f"{c}: {cell}" for c, cell in zip(question.columns, cells, strict=True) if cell))
    return "\n".join(rows)
