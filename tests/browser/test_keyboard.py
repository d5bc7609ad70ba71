"""Two co-authors write at the same time and settle a clash, with the keyboard alone."""

from .conftest import walked
from .journey import SECTION, invite, start_draft
from .test_journey import examine

PROBLEM = "What is the problem, and for whom?"
IDEA = "What do you want to try?"
HERE = "element => element === document.activeElement"


class Keys:
    """One person who has only a keyboard: goes to a control by Tab, and sees where it is."""

    def __init__(self, person):
        self.person, self.page = person, person.page

    def to(self, control, most=80):
        """Press Tab until the control has the focus; it must be in sight then."""
        for _ in range(most):
            if control.evaluate(HERE):
                box = control.bounding_box()
                assert box and 0 <= box["y"] <= self.page.viewport_size["height"], "the focus is out of sight"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {control}")

    def type(self, label, text):
        """Write into a box over what stands there."""
        self.to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def press(self, name, role="button"):
        """Go to a button or link and press Enter."""
        self.to(self.page.get_by_role(role, name=name, exact=True).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, label):
        """Go to a group of choices and move to the one that is meant."""
        wanted = self.page.get_by_label(label, exact=True)
        group = self.page.locator(f"[name='{wanted.get_attribute('name')}']")
        self.to(group.first)
        self.page.keyboard.press("Space")
        for _ in range(group.count()):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not reach {label}")

    def value(self, label):
        return self.page.get_by_label(label, exact=True).input_value()


@walked
def test_two_co_authors_settle_a_clash_by_keyboard_alone(server, enter, javascript):
    title = f"By keyboard ({'with' if javascript else 'without'} script)"
    lead, other = (enter(who, width=320, javascript=javascript) for who in ("lead", "stranger"))
    start_draft(lead, title)
    invite(lead, "stranger", title, other)
    one, two = Keys(lead), Keys(other)
    for keys in (one, two):
        keys.press(SECTION, "link")
    one.type(PROBLEM, "The lead's problem.")
    one.type(IDEA, "The lead's idea.")
    one.press("Save")
    lead.sees("Saved: describe the problem and the idea.")

    two.type(IDEA, "The other's idea.")
    if javascript:
        two.page.locator("#saving").get_by_text("saved this section at").wait_for()
        two.press("See both texts")
    else:
        two.press("Save")
    other.sees("What both of you changed")
    other.sees(f"Sonam Choden alone changed “{PROBLEM}”.")
    assert (two.value(PROBLEM), two.value(IDEA)) == ("The lead's problem.", "The other's idea.")
    if javascript:
        assert examine(other, None) == []
    two.press("Save my choice")
    other.sees(f"Choose which text to keep: “{IDEA}”.")
    two.choose("Keep both, one after the other")
    two.press("Save my choice")
    other.sees("Saved: describe the problem and the idea.")

    one.press(SECTION, "link")
    assert (one.value(PROBLEM), one.value(IDEA)) == ("The lead's problem.", "The lead's idea.\n\nThe other's idea.")
