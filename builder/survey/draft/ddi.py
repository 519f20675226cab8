"""DDI-Codebook 2.x (and 1.x): the XML in which data archives document a survey, with or without namespaces.

https://ddialliance.org/Specification/DDI-Codebook/2.5/. Read part by part; entities are refused, not expanded.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from builder.survey.raw import code_of
from mvpbench.store.atomic import disk_errors
from schemas.errors import InputError

TEXT_LENGTH = 2_000
MOST_VARIABLES = 50_000
MOST_CATEGORIES = 2_000


@dataclass(frozen=True)
class DdiVariable:
    """A `var`."""

    name: str
    label: str = ""
    question: str = ""
    """`qstnLit`, else the text of `qstn`."""
    categories: Mapping[str, str] = field(default_factory=dict)
    """`catValu` -> `labl`."""
    missing: frozenset[str] = frozenset()
    """Categories with missing="Y", and items of `invalrng`."""
    missing_ranges: tuple[tuple[float, float], ...] = ()
    """Ranges of `invalrng`, closed."""
    valid: tuple[float, float] | None = None
    """The range of `valrng`."""
    is_weight: bool = False
    file: str = ""
    """The id of its `fileDscr`."""

    def declares(self, code: str) -> bool:
        """Return whether the code is documented as missing."""
        if code in self.missing:
            return True
        number = _number(code)
        return number is not None and any(low <= number <= high for low, high in self.missing_ranges)


@dataclass(frozen=True)
class Ddi:
    """What a DDI file says of a survey. A text that it does not have is empty."""

    variables: tuple[DdiVariable, ...] = ()
    title: str = ""
    id: str = ""
    doi: str = ""
    authors: tuple[str, ...] = ()
    producers: tuple[str, ...] = ()
    date: str = ""
    version: str = ""
    citation: str = ""
    """`biblCit`."""
    conditions: str = ""
    """Terms of use, rights."""
    nations: tuple[str, ...] = ()
    """The countries studied: an alpha-2 or alpha-3 code where one is given, else a name."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Id of a `fileDscr` -> its file's name."""

    def for_file(self, stem: str, columns: Sequence[str]) -> dict[str, DdiVariable]:
        """Return lower-case name -> variable, of the file described that has this name or else most of the columns."""
        wanted = {name.lower() for name in columns}
        fits = Counter(one.file for one in self.variables if one.name.lower() in wanted)
        if not fits:
            return {}
        named = [one for one, name in self.files.items() if Path(name).stem.lower() == stem.lower() and one in fits]
        best = named[0] if named else fits.most_common(1)[0][0]
        return {one.name.lower(): one for one in self.variables if one.file == best}


def read_ddi(path: Path) -> Ddi:
    """Return what the DDI-Codebook file at `path` says.

    Raises InputError `ddi-unreadable`, `ddi-unsafe` (it defines entities), `ddi-none` (XML of another kind), and
    StudyError as `disk_errors`.
    """
    with disk_errors(path), path.open("rb") as file:
        try:
            found = _read(file)
        except DefusedXmlException as exc:
            raise InputError(
                "ddi-unsafe",
                "DDI documentation",
                where=str(path),
                found="entities that the file defines itself, which can fill the memory or read other files",
                expected="DDI-Codebook XML without a DTD of its own",
                way_out="export it again, or take the lines from <!DOCTYPE to ]> out",
            ) from exc
        except (ParseError, LookupError, ValueError, RecursionError) as exc:
            raise InputError(
                "ddi-unreadable",
                "DDI documentation",
                where=str(path),
                found=f"no well-formed XML ({str(exc).splitlines()[0]})",
                expected="a whole DDI-Codebook file (.xml)",
                way_out="download or export the file again",
            ) from exc
    if found is None:
        raise InputError(
            "ddi-none",
            "DDI documentation",
            where=str(path),
            found="XML that describes no variable",
            expected="DDI-Codebook 2.x: <codeBook> with <dataDscr> and <var>",
            way_out="DDI-Lifecycle (3.x) is another format: ask the archive for DDI-Codebook (Nesstar, IHSN)",
        )
    return found


def _read(file: Any) -> Ddi | None:  # noqa: ANN401 - a binary file
    variables: list[DdiVariable] = []
    study: dict[str, Any] = {}
    files: dict[str, str] = {}
    for _, element in iterparse(file, events=("end",)):
        match _tag(element):
            case "var" if len(variables) < MOST_VARIABLES:
                if element.get("name"):
                    variables.append(_variable(element))
                element.clear()
            case "fileDscr":
                files[element.get("ID", "")] = _text(_first(element, "fileName"))
            case "stdyDscr":
                study = study or _study(element)
                element.clear()
            case "docDscr":
                element.clear()
            case _:
                pass
    if not variables:
        return None
    return Ddi(variables=tuple(variables), files=files, **study)


def _variable(element: Any) -> DdiVariable:  # noqa: ANN401 - an element of the XML tree, as below
    categories, missing = _categories(element)
    ranges: list[tuple[float, float]] = []
    for invalid in _all(element, "invalrng"):
        missing |= {code_of(item.get("VALUE", "").strip()) for item in _all(invalid, "item")}
        ranges += [found for one in _all(invalid, "range") if (found := _range(one)) is not None]
    valid = [found for one in _all(element, "valrng") for part in _all(one, "range") if (found := _range(part))]
    question = _first(element, "qstn")
    literal = _text(_first(question, "qstnLit")) if question is not None else ""
    return DdiVariable(
        name=str(element.get("name")).strip(),
        label=_text(next((one for one in element if _tag(one) == "labl"), None)),
        question=literal or (" ".join((question.text or "").split())[:TEXT_LENGTH] if question is not None else ""),
        categories=categories,
        missing=frozenset(missing - {""}),
        missing_ranges=tuple(ranges),
        valid=valid[0] if valid else None,
        is_weight=element.get("wgt") == "wgt",
        file=element.get("files", "").split(" ")[0],
    )


def _categories(element: Any) -> tuple[dict[str, str], set[str]]:  # noqa: ANN401
    labels: dict[str, str] = {}
    missing: set[str] = set()
    for category in [one for one in element if _tag(one) == "catgry"][:MOST_CATEGORIES]:
        value = _text(_first(category, "catValu"))
        if not value:
            continue
        code = code_of(value)
        label = _text(_first(category, "labl"))
        if label:
            labels[code] = label
        if category.get("missing", "").upper() in {"Y", "YES", "TRUE"}:
            missing.add(code)
    return labels, missing


def _range(element: Any) -> tuple[float, float] | None:  # noqa: ANN401
    """A closed range, open ends as far as numbers go; bounds given as excluded are whole numbers away."""
    low, high = _number(element.get("min", "")), _number(element.get("max", ""))
    if low is None and (beyond := _number(element.get("minExclusive", ""))) is not None:
        low = beyond + 1
    if high is None and (beyond := _number(element.get("maxExclusive", ""))) is not None:
        high = beyond - 1
    if low is None and high is None:
        return None
    return (-1e300 if low is None else low, 1e300 if high is None else high)


def _study(element: Any) -> dict[str, Any]:  # noqa: ANN401
    citation = _first(element, "citation")
    own = element if citation is None else citation
    numbers = [_text(one) for one in _all(own, "IDNo") if _text(one)]
    dois = [number for number in (*numbers, *(one.get("URI", "") for one in _all(own, "holdings"))) if "10." in number]
    dates = [_text(one) or one.get("date", "") for one in (*_all(own, "distDate"), *_all(own, "prodDate"))]
    terms = [_text(one) for tag in ("conditions", "copyright", "restrctn", "disclaimer") for one in _all(element, tag)]
    cited = [_text(one) for one in _all(own, "biblCit")]
    return {
        "title": _text(_first(own, "titl")),
        "id": next((number for number in numbers if "10." not in number), ""),
        "doi": dois[0][dois[0].index("10.") :].strip() if dois else "",
        "authors": _texts(own, "AuthEnty"),
        "producers": _texts(own, "producer"),
        "date": next((date for date in dates if date), ""),
        "version": _text(_first(own, "version")),
        "citation": next((text for text in cited if text), ""),
        "conditions": " / ".join(dict.fromkeys(text for text in terms if text))[:TEXT_LENGTH],
        "nations": tuple(dict.fromkeys(one.get("abbr") or _text(one) for one in _all(element, "nation"))),
    }


def _texts(element: Any, tag: str) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(dict.fromkeys(text for one in _all(element, tag) if (text := _text(one))))


def _tag(element: Any) -> str:  # noqa: ANN401
    return str(element.tag).rpartition("}")[2]


def _all(element: Any, tag: str) -> Iterator[Any]:  # noqa: ANN401
    return (one for one in element.iter() if _tag(one) == tag)


def _first(element: Any, tag: str) -> Any | None:  # noqa: ANN401
    return next(_all(element, tag), None)


def _text(element: Any | None) -> str:  # noqa: ANN401
    if element is None:
        return ""
    return " ".join("".join(element.itertext()).split())[:TEXT_LENGTH]


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None  # noqa: PLR2004 - infinity and NaN are none
