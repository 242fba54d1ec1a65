"""The questions that programs may put: the parameters of each, and how the model answers it as a page would."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recommender.dashboard.choices.current import DEFAULT_K, MAX_K
from recommender.data.clock import minute_of
from recommender.errors import ConfigurationError
from recommender.serving import answers
from recommender.serving.answers import Asker
from recommender.serving.written import read_moment, read_rated

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


class Question(BaseModel):
    """What every question may say.

    Attributes:
      ANSWER: the form of its answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    ANSWER: ClassVar[type[BaseModel]]

    model: str | None = Field(None, description="Which model answers, by the name it has on the page Models.")

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The question in the parameters of an address, in the order written.

        Raises:
          ConfigurationError: if a parameter is not known, lacks, is given twice or cannot be read; says which.
        """
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        values = {name: found if _is_list(cls, name) else found[0] for name, found in given.items()}
        for name, found in given.items():
            if len(found) > 1 and name in cls.model_fields and not _is_list(cls, name):
                raise ConfigurationError(f"{name} is given {len(found)} times; give it once.")
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigurationError(_sentence(cls, error, values)) from None

    @abstractmethod
    def answer(self, recommender: "Recommender") -> BaseModel:
        """What the model says.

        Raises:
          UnknownUserError, UnknownTitleError: if the model does not know one.
          RecommenderError: if the question makes no sense.
        """


class ForSomebody(Question):
    """What a question for a viewer, or for a visitor, may say."""

    user: str | None = Field(None, description="A viewer the model was trained on; none for a visitor.")
    rated: list[str] | None = Field(
        None,
        description="TITLE:STARS, for instance Fargo (1996):5, read in place of the viewer's own ratings; repeat it "
        "for each title, oldest first. So a visitor says what they like.",
    )
    at: str | None = Field(
        None,
        description="The moment: seconds since 1970, or a date-time such as 1997-11-09T06:38 in UTC, cut to the minute "
        "as the clock of the pages is. If not given: the viewer's last known one, and for a visitor the data's last.",
    )
    as_of_then: bool = Field(
        True,
        description="Read only what the viewer had rated by the moment, and leave out what was not out, as the pages "
        "do; false reads all that is known.",
    )

    def asker(self, recommender: "Recommender") -> Asker:
        """For whom and when the model is asked."""
        at, history = read_moment(self.at, "at"), read_rated(self.rated, "rated", ":")
        if at is None and self.user is None:
            return Asker(None, recommender.last_moment, history, self.as_of_then)
        moment = minute_of(recommender.last_known_moment(self.user) if at is None else at)
        return Asker(self.user, int(moment), history, self.as_of_then)


class Recommend(ForSomebody):
    """Which titles does the model put before somebody?"""

    ANSWER = answers.Recommended

    k: int = Field(DEFAULT_K, description="How many titles.", ge=1, le=MAX_K)
    include_seen: bool = Field(False, description="Also titles that the viewer has rated.")

    def answer(self, recommender: "Recommender") -> answers.Recommended:
        """The list of the page Recommend."""
        return answers.recommend(recommender, self.asker(recommender), self.k, include_seen=self.include_seen)


class Rate(ForSomebody):
    """How many stars would somebody give?"""

    ANSWER = answers.Rated

    titles: list[str] = Field(description="A title of the catalogue; repeat it for each.", min_length=1)

    def answer(self, recommender: "Recommender") -> answers.Rated:
        """The stars that the pages show."""
        return answers.rate(recommender, self.asker(recommender), self.titles)


class Similar(Question):
    """Which titles are like one?"""

    ANSWER = answers.Similar

    title: str = Field(description="A title of the catalogue.")
    k: int = Field(DEFAULT_K, description="How many titles.", ge=1, le=MAX_K)

    def answer(self, recommender: "Recommender") -> answers.Similar:
        """The titles that the page Movies shows as alike."""
        return answers.similar(recommender, self.title, self.k)


# By the last part of their address.
QUESTIONS: dict[str, type[Question]] = {"recommend": Recommend, "rate": Rate, "similar": Similar}


def _is_list(question: type[Question], name: str) -> bool:
    return name in question.model_fields and name in ("rated", "titles")


def _sentence(question: type[Question], error: ValidationError, values: Mapping[str, str | list[str]]) -> str:
    """What is wrong with the first parameter that is."""
    found = error.errors()[0]
    name = str(found["loc"][0])
    if found["type"] == "extra_forbidden":
        return f"there is no parameter {name!r} here; there are {', '.join(question.model_fields)}."
    if found["type"] == "missing":
        return f"{name} is missing; give {name}=TITLE."
    said = str(found["msg"])
    return f"{name} is {values[name]!r}: {said[:1].lower()}{said[1:]}."
