"""Parts of this room's addresses."""


class EmployeeNumber:
    """An employee number as one part of an address: what would end the part is written with `~`, which none holds."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """Return the number."""
        return value.replace("~1", "/").replace("~0", "~")

    def to_url(self, value: str) -> str:
        """Return the part; any number that the database can hold has one."""
        return value.replace("~", "~0").replace("/", "~1")
