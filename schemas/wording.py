"""Numbers beside their nouns, in lines for people."""


def plural(number: int, what: str, many: str | None = None) -> str:
    """Return `1 error`, `2,000 errors`; `many` is the plural where it is not `what` with an s."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {many or what + 's'}"
