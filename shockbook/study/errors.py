"""The one error of this room."""


class StudyError(ValueError):
    """A study that cannot be made from these data: one sentence that names what and the way out."""


def listed(names, most: int = 5) -> str:
    """A few names in a row, and how many more there are."""
    names = [str(n) for n in names]
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
