"""The checks as a table for the page in the docs."""

from builder.checks import meanings, not_checked
from builder.checks.words import listed

IN_PART = {
    "unequal-quality": "elsewhere all but words of doubt",
    "answers-name-each-other": "elsewhere the English phrases",
    "names-group": "elsewhere the English words",
    "personal-data": "elsewhere all but the language's own streets and births",
    "refusal": "elsewhere the English phrases",
}
"""What a check says in a language without its list."""


def checks_table() -> str:
    """Return all checks as a table in Markdown, for docs/question-checks.md."""
    rows = [f"| `{code}` | {words.finds} | {_languages(code)} | {words.do} |" for code, words in meanings().items()]
    return "\n".join(["| code | finds | languages | what to do |", "|---|---|---|---|", *rows]) + "\n"


def _languages(code: str) -> str:
    match meanings()[code].lists:
        case "none":
            return "all"
        case "names":
            return "those of Unicode's CLDR"
        case "script":
            return "those whose script CLDR gives"
        case "detector":
            return "those that the detector knows, about 140"
        case _:
            those = ", ".join(language for language in listed() if code not in not_checked(language))
            return f"{those}; {IN_PART[code]}" if code in IN_PART else those
