"""The rules about country.yaml: each yields what is wrong with it, each knows nothing of the others."""

import unicodedata
from collections.abc import Iterator, Mapping

from builder.countries.places import called, currencies_of, language_subtag, languages_of, script_of, standard_tag
from builder.countries.prompts import faults, prompt_names
from builder.countries.rules import Found, RuleFunction, Subject
from builder.survey.countries import is_country_code

ENGLISH = "en"
MARKUP = ("<", "](", "**", "__", "```", "\n#", "\n|")


def _code_unknown(subject: Subject) -> Iterator[Found]:
    if not is_country_code(subject.found.pack.code):
        yield Found("code", subject.found.pack.code)


def _folder_differs(subject: Subject) -> Iterator[Found]:
    folder, code = subject.found.folder.name, subject.found.pack.code
    if folder != code:
        yield Found("code", code, f"{folder}, as the folder is called")


def _name_missing(subject: Subject) -> Iterator[Found]:
    names = subject.found.pack.names
    for tag in dict.fromkeys((ENGLISH, *subject.found.pack.tags)):
        if not names.get(tag, "").strip():
            yield Found(f"names.{tag}", "nothing", f"the country's name in {called(tag)}")


def _language_invalid(subject: Subject) -> Iterator[Found]:
    for place, tag in enumerate(subject.found.pack.tags):
        standard = standard_tag(tag)
        if standard != tag:
            yield Found(f"languages[{place}].tag", tag, standard)


def _language_twice(subject: Subject) -> Iterator[Found]:
    tags = subject.found.pack.tags
    for tag in sorted({tag for tag in tags if tags.count(tag) > 1}):
        yield Found("languages", f"{tag} more than once")


def _languages_foreign(subject: Subject) -> Iterator[Found]:
    tags, spoken = subject.found.pack.tags, list(languages_of(subject.found.pack.code))
    if spoken and not {language_subtag(tag) for tag in tags} & {language_subtag(tag) for tag in spoken}:
        yield Found("languages", ", ".join(tags), f"at least one of those spoken there: {', '.join(spoken[:6])}")


def _script_differs(subject: Subject) -> Iterator[Found]:
    for place, language in enumerate(subject.found.pack.languages):
        script = script_of(language.tag)
        if script not in {None, language.script}:
            yield Found(f"languages[{place}].script", language.script, script)


def _direction_differs(subject: Subject) -> Iterator[Found]:
    for place, language in enumerate(subject.found.pack.languages):
        strong = next((way for char in language.name if (way := unicodedata.bidirectional(char)) in "L R AL"), None)
        written = None if not strong else "ltr" if strong == "L" else "rtl"
        if written not in {None, language.direction}:
            yield Found(
                f"languages[{place}].direction", language.direction, f"{written}, as {language.name} is written"
            )


def _community_unset(subject: Subject) -> Iterator[Found]:
    if subject.found.pack.community.size is None:
        yield Found("community.size", "nothing")


def _community_unsourced(subject: Subject) -> Iterator[Found]:
    community = subject.found.pack.community
    if community.size is not None and not community.source.strip():
        yield Found("community.source", "nothing")


def _pay_floor_unset(subject: Subject) -> Iterator[Found]:
    pay = subject.found.pack.recruitment.pay
    if pay.amount is None:
        expected = f"{pay.currency} an hour: {pay.rule or 'at least what is lawful'}"
        yield Found("recruitment.pay.amount", "no number", expected)


def _pay_floor_unsourced(subject: Subject) -> Iterator[Found]:
    pay = subject.found.pack.recruitment.pay
    if pay.amount is not None:
        for key, value in (("source", pay.source.strip()), ("as_of", pay.as_of)):
            if not value:
                yield Found(f"recruitment.pay.{key}", "nothing")


def _pay_currency(subject: Subject) -> Iterator[Found]:
    currency, known = subject.found.pack.recruitment.pay.currency, currencies_of(subject.found.pack.code)
    if known and currency not in known:
        yield Found("recruitment.pay.currency", currency, " or ".join(known))


def _channels_unset(subject: Subject) -> Iterator[Found]:
    if not subject.found.pack.recruitment.channels:
        yield Found("recruitment.channels", "none")


def _contact_unset(subject: Subject) -> Iterator[Found]:
    if not subject.found.pack.recruitment.contact.strip():
        yield Found("recruitment.contact", "nothing")


def _ethics_unset(subject: Subject) -> Iterator[Found]:
    if not subject.found.pack.recruitment.ethics.strip():
        yield Found("recruitment.ethics", "nothing")


def _prompt_unknown(subject: Subject) -> Iterator[Found]:
    for name in subject.found.pack.prompts:
        if name not in prompt_names():
            yield Found(f"prompts.{name}", "no such prompt", f"one of {', '.join(prompt_names())}")


def _prompt_broken(subject: Subject) -> Iterator[Found]:
    for name, text in subject.found.pack.prompts.items():
        if name in prompt_names():
            for fault in faults(name, text):
                yield Found(f"prompts.{name}", fault)


def _generalise_unset(subject: Subject) -> Iterator[Found]:
    if not subject.found.pack.generalise:
        yield Found("generalise", "no rule")


def _card_unset(subject: Subject) -> Iterator[Found]:
    if not subject.found.pack.card.strip():
        yield Found("card", "nothing")


def _card_markup(subject: Subject) -> Iterator[Found]:
    text = "\n" + subject.found.pack.card
    marks = [mark.strip() for mark in MARKUP if mark in text]
    if marks:
        yield Found("card", f"markup ({' '.join(marks)}), which is shown as it stands")


def _sources_unset(subject: Subject) -> Iterator[Found]:
    if not subject.found.pack.sources:
        yield Found("sources", "none")


PACK_RULES: Mapping[str, RuleFunction] = {
    "code-unknown": _code_unknown,
    "folder-differs": _folder_differs,
    "name-missing": _name_missing,
    "language-invalid": _language_invalid,
    "language-twice": _language_twice,
    "languages-foreign": _languages_foreign,
    "script-differs": _script_differs,
    "direction-differs": _direction_differs,
    "community-unset": _community_unset,
    "community-unsourced": _community_unsourced,
    "pay-floor-unset": _pay_floor_unset,
    "pay-floor-unsourced": _pay_floor_unsourced,
    "pay-currency": _pay_currency,
    "channels-unset": _channels_unset,
    "contact-unset": _contact_unset,
    "ethics-unset": _ethics_unset,
    "prompt-unknown": _prompt_unknown,
    "prompt-broken": _prompt_broken,
    "generalise-unset": _generalise_unset,
    "card-unset": _card_unset,
    "card-markup": _card_markup,
    "sources-unset": _sources_unset,
}
