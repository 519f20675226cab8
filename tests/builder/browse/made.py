"""Made-up questions and the people they are put to."""

from builder.browse import Cost, Generated
from builder.instances import paired
from schemas.questions import Answer, Dropped, Instance, Judged, Match, Question, Recipe, Scope, Stand, WriterStamp
from schemas.survey import Respondent
from schemas.values import DimensionScore, Level, Split, ValueDimension, ValueFramework, ValueProfile
from tests.builder.made import made_person, made_profile

ARABIC = (
    "يعمل سالم في مكتب صغير، ويطلب منه المدير أن يبقى بعد الدوام بينما تنتظره أسرته. ماذا ينبغي أن يفعل (قبل 18:00)؟",
    "أن يعود إلى بيته، فالأسرة أولى.",
    "أن يبقى، فالعمل التزام لا يُترك.",
)
HOSTILE = (
    "</script><script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
    " & 'a' \"b\" \u202eturned",
    "{{ 7 * 7 }}<!-- <b>bold</b>",
    "\u2028]]></style>'\";alert(1)//\u2066",
)
PLAIN = (
    "A neighbour asks you to feed her cat on the evening of your club's yearly dinner. What do you do?",
    "Feed the cat: somebody who cannot help itself comes first.",
    "Go to the dinner: one evening without food does the cat no harm.",
)
FRAMEWORK = ValueFramework(
    framework="made",
    title="Made",
    version="1",
    source="nobody",
    domain="",
    dimensions=(
        ValueDimension(name="care", title="Care", definition="Kindness.", high="helps the weak", low="lets them be"),
        ValueDimension(name="purity", title="Purity", definition="<b>Clean</b>.", high="keeps clean", low="does not"),
    ),
)
SIDES = {Recipe.SIDES: ("care:high", "care:low"), Recipe.TRADEOFF: ("care:high", "purity:high")}
DIMENSIONS = {Recipe.SIDES: ("care",), Recipe.TRADEOFF: ("care", "purity"), Recipe.PAPER: ("care", "purity")}


class Made:
    """Grows a question at a time; every pair is of two new people, the first of them on the first side."""

    def __init__(self) -> None:
        self.people: list[Respondent] = []
        self.profiles: dict[str, ValueProfile] = {}
        self.matches: list[Match] = []
        self.questions: list[Question] = []
        self.lone: list[Instance] = []
        self.costs: dict[str, Cost] = {}

    def person(self, country: str | None, region: str | None, known: dict[str, str]) -> str:
        """Add somebody with scores; return the id."""
        person = made_person(f"r-{len(self.people):05d}", None, country, region, known)
        self.people.append(person)
        raw = 100.0 * (len(self.people) % 2)
        scores = tuple(_score(name, raw if name == "care" else 100 - raw) for name in ("care", "purity"))
        self.profiles[person.id] = made_profile(person).model_copy(update={"scores": scores})
        return person.id

    def question(
        self,
        texts: tuple[str, str, str] = PLAIN,
        recipe: Recipe = Recipe.SIDES,
        countries: tuple[str | None, str | None] = ("KE", "KE"),
        pairs: int = 1,
        language: str = "en",
        update: dict[str, object] | None = None,
    ) -> Question:
        """Add a question with its pairs."""
        number = len(self.questions)
        scope = Scope.COUNTRY if countries[0] == countries[1] else Scope.REGION
        matches = [self._match(recipe, scope, countries, language) for _ in range(pairs)]
        made = self._write(number, texts, recipe, SIDES[recipe], language)
        made = made.model_copy(
            update={
                "pairs": tuple(match.id for match in matches),
                "written_for": matches[0].first.respondent_id,
                **(update or {}),
            }
        )
        self.matches += matches
        self.questions.append(made)
        return made

    def paper(self, texts: tuple[str, str, str] = PLAIN) -> Question:
        """Add a question of the reference's recipe, put to one person."""
        person = self.person("KE", None, {"age": "18-29"})
        sides = ("care:high+purity:low", "care:low+purity:high")
        made = self._write(len(self.questions), texts, Recipe.PAPER, sides, "en")
        self.questions.append(made.model_copy(update={"written_for": person, "pairs": ("record-1",)}))
        self.alone(self.questions[-1], person, sides[0])
        return self.questions[-1]

    def alone(self, question: Question, person: str, side: str) -> None:
        """Put a question to somebody without a counterpart."""
        self.lone.append(
            Instance(
                id=f"i-alone-{len(self.lone)}",
                question_id=question.id,
                respondent_id=person,
                recipe=question.recipe,
                dimensions=question.dimensions,
                country="KE",
                language=question.language,
                split=question.split,
                domain="in",
                expected=question.answer_on(side).id,
                expected_side=side,
                error_probability=0.2,
                pair_id=None,
                counterpart=None,
                scope=Scope.NONE,
            )
        )

    def generated(self, dropped: tuple[Dropped, ...] = ()) -> Generated:
        """Return all that was added."""
        return Generated(
            questions=self.questions,
            instances=[*paired(self.matches, self.questions, self.profiles), *self.lone],
            matches=self.matches,
            respondents=self.people,
            profiles=list(self.profiles.values()),
            framework=FRAMEWORK,
            costs=self.costs,
            dropped={"questions": dropped},
        )

    def _match(self, recipe: Recipe, scope: Scope, countries: tuple[str | None, str | None], language: str) -> Match:
        region = "Africa" if scope is Scope.REGION else None
        ids = [
            self.person(country, region, {"age": age, "gender": "woman"})
            for country, age in zip(countries, ("30-49", "50+"), strict=True)
        ]
        first, second = (
            Stand(respondent_id=name, side=side, error_probability=0.04)
            for name, side in zip(ids, SIDES[recipe], strict=True)
        )
        return Match(
            id=f"m-{first.respondent_id}",
            recipe=recipe,
            dimensions=DIMENSIONS[recipe],
            country=countries[0] if scope is Scope.COUNTRY else None,
            language=language,
            split=Split.TRAIN,
            scope=scope,
            first=first,
            second=second,
            distance=0.5,
            reused=False,
        )

    def _write(
        self, number: int, texts: tuple[str, str, str], recipe: Recipe, sides: tuple[str, str], language: str
    ) -> Question:
        # The order of ids is a hash's: here the second side is stored first in every other question.
        turn = number % 2
        answers = [
            Answer(id=f"a-{number}-{place ^ turn}", text=text, side=side)
            for place, (text, side) in enumerate(zip(texts[1:], sides, strict=True))
        ]
        answers.sort(key=lambda one: one.id)
        return Question(
            id=f"q-{number:05d}",
            recipe=recipe,
            dimensions=DIMENSIONS[recipe],
            language=language,
            split=Split.TRAIN,
            topic="neighbours",
            text=texts[0],
            answers=(answers[0], answers[1]),
            written_for="",
            pairs=(),
            stamp=WriterStamp(writer="template", version="0" * 64, scenario="cat"),
        )


def _score(name: str, raw: float) -> DimensionScore:
    return DimensionScore(
        dimension=name,
        raw=raw,
        centred=raw - 50,
        standardised=(raw - 50) / 25,
        standard_error=7.5,
        standard_error_centred=5,
        standard_error_standardised=0.3,
        level=Level.HIGH if raw > 50 else Level.LOW,
        error_probability=0.04,
        items=(),
    )


def several() -> Made:
    """Five questions: plain and put alone, Arabic within a region, hostile and judged, of five pairs, the paper's."""
    made = Made()
    plain = made.question()
    made.question(ARABIC, Recipe.TRADEOFF, ("EG", "MA"), language="ar")
    judged = Judged(model="judge-1", version="1" * 64, call_id="c-judge", problems=("not-defensible",))
    stamp = WriterStamp(writer="openai", version="2" * 64, model="writer-1", call_id="c-write")
    update = {"flags": ("steering-words",), "judged": judged, "stamp": stamp, "topic": "<i>topic</i>"}
    made.question(HOSTILE, update=update)
    made.costs |= {"c-write": Cost(1, 0.0025, 400, 90), "c-judge": Cost(1, 0.0005, 300, 4)}
    made.question(("Many were asked this one.", "Yes, all of them.", "No, none of them."), pairs=5)
    for _ in range(4):
        made.alone(plain, made.person("KE", None, {}), "care:low")
    made.paper(("What would you tell a friend who is moving house?", "Help them.", "Let them be."))
    return made
