"""When two texts count as the same."""

import unicodedata


def normal_form(text: str) -> str:
    """Return `text` in the form in which texts are compared: NFKC, case folded, white space single.

    NFKC once more after folding, since folding may undo it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())
