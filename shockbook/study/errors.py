"""The one error of this room."""


class StudyError(ValueError):
    """A study that cannot be made from these data: one sentence that names what and the way out."""


def share(value, what: str = "level", least: float | None = None):
    """A level or a weight, above 0 or from `least`, and below 1; StudyError if it is no share."""
    try:
        if 0 < value < 1 or value == least:
            return value
    except (TypeError, ValueError):  # a text, a list
        pass
    raise StudyError(f"{what} must lie between 0 and 1, but is {value}: write 95% as 0.95")


def listed(names, most: int = 5) -> str:
    """A few names in a row, and how many more there are."""
    names = [str(n) for n in names]
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
