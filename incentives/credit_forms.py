"""Forms of what counts beside one's own result."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from fund.models import Grant
from people.fields import DayField
from people.models import Agency, User
from people.queries import find_civil_servant

from .forms import figure, long_text


class Asking(forms.Form):
    """Base: an empty answer is named by its question."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = f"Answer “{field.label}”"


def civil_servant(text: str) -> User:
    """Return the civil servant with this address or number, or refuse the field."""
    found = find_civil_servant(text)
    if found is None:
        raise forms.ValidationError("Nobody in the register has this address or number.")
    return found


class RuleForm(Asking):
    """A rule that got in the way and was removed."""

    rule = forms.CharField(label="Which rule got in the way?", max_length=90)
    owner = forms.ModelChoiceField(
        Agency.objects.none(), label="Whose rule was it?", empty_label="Choose",
        help_text="Changing a rule of your own agency is its work, and does not count here.",
    )  # fmt: skip
    reference = forms.CharField(
        label="Where can the change be read?", max_length=90, help_text="Such as the number of the circular or the act."
    )
    amended_on = DayField(label="On which day was it changed?", help_text="This is the day that counts.")
    words = long_text("What did you do so that it was changed?", "A verifier of another agency reads this.", 2000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = Agency.objects.filter(until=None).order_by("name")  # type: ignore[attr-defined]


class SprintForm(Asking):
    """Work in a sprint that became a funded Spark."""

    sprint = forms.CharField(label="Which sprint was it?", max_length=120)
    held_on = DayField(label="On which day did it begin?")
    spark = forms.CharField(label="Reference number of the Spark that came of it", max_length=40)
    words = long_text("What did you do in the sprint?", "The lead of the Spark reads this and confirms it.", 2000)

    def clean_spark(self) -> Grant:
        """Return the grant with this number."""
        found = Grant.objects.filter(reference__iexact=self.cleaned_data["spark"].strip()).first()
        if found is None:
            raise forms.ValidationError("No grant has this number. It stands on the agreement.")
        return found


class CiteForm(Asking):
    """Which of one's grants learned from a record, and how."""

    grant = forms.ModelChoiceField(Grant.objects.none(), label="Which of your grants?", empty_label="Choose")
    words = long_text(
        "What did you change because of it?", "Somebody who reviewed your proposal reads this and confirms it.", 2000
    )

    def __init__(self, *args: Any, grants: QuerySet[Grant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grant"].queryset = grants  # type: ignore[attr-defined]
        self.fields["grant"].label_from_instance = lambda grant: grant.title  # type: ignore[attr-defined]


class MentorForm(Asking):
    """Whom a team asks for help, and with what."""

    mentor = forms.CharField(
        label="Who shall help you?", max_length=254, help_text="The e-mail address or the employee number."
    )
    words = long_text("With what?", "The person reads this and answers yes or no.", 1000, rows=3)

    def clean_mentor(self) -> User:
        """Return the civil servant; never found by name."""
        return civil_servant(self.cleaned_data["mentor"])


class AdoptForm(Asking):
    """What another agency tries, and its measure."""

    title = forms.CharField(label="What do you call it?", max_length=150)
    words = long_text("What will your agency try, and where?", "Your approver reads this and signs it.", 2000, rows=4)
    indicator = forms.CharField(label="Which measure?", max_length=200)
    unit = forms.CharField(label="In which unit?", max_length=50)
    baseline = figure("What is it today at your agency?")
    target = figure("What shall it be?")

    def __init__(self, *args: Any, titled: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not titled:
            self.fields.pop("title")


class AdoptionClaimForm(Asking):
    """What an adopting agency reached."""

    endline = figure("What is it now?")
    evidence = long_text("What shows it?", "Say where a verifier can see the figure: register, file, place, person.")


class AdoptionCheckForm(Asking):
    """What a verifier outside both agencies found."""

    endline = figure("What did you find?")
    how = long_text("How did you check it?", "What you looked at, when, with whom.", 2000)


class TakenUpForm(Asking):
    """Who takes up a declined idea."""

    person = forms.CharField(
        label="Who takes it up at the other agency?", max_length=254,
        help_text="The e-mail address or the employee number. The person is asked whether it is so.",
    )  # fmt: skip

    def clean_person(self) -> User:
        """Return the civil servant; never found by name."""
        return civil_servant(self.cleaned_data["person"])


class WorkForm(Asking):
    """Which work of others counts."""

    work = forms.MultipleChoiceField(choices=[])

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["work"].error_messages["required"] = "Tick what counts."
        self.fields["work"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]
