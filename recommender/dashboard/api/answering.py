"""Answers a program: finds the model, asks it, and says what is wrong where it cannot. Runs in a thread."""

from collections.abc import Iterable

from starlette.responses import JSONResponse

from recommender.dashboard.api.questions import QUESTIONS
from recommender.dashboard.bundles import loading
from recommender.dashboard.bundles.manifests import all_bundles
from recommender.errors import BundleError, RecommenderError, UnknownNameError

_LOADED_IN_SECONDS = 5  # a model takes about as long


def answer(name: str, pairs: Iterable[tuple[str, str]]) -> JSONResponse:
    """The answer to a question.

    Args:
      name: of `QUESTIONS`.
      pairs: the parameters of the address.
    """
    try:
        question = QUESTIONS[name].read(pairs)
        bundles = all_bundles()
        model = next(iter(bundles)) if question.model is None else question.model
        if model not in bundles:
            return refused(404, f"there is no model {model!r}; there are {', '.join(bundles)}.")
        stage = loading.load(bundles[model])
        if not stage.finished:
            said = f"the model {model!r} is being loaded; ask again in a few seconds."
            return refused(503, said, retry_after=_LOADED_IN_SECONDS)
        found = question.answer(stage.recommender())
    except UnknownNameError as error:
        return refused(404, str(error))
    except BundleError as error:
        return refused(503, str(error))
    except RecommenderError as error:
        return refused(400, str(error))
    return JSONResponse(found.model_dump(), headers={"Cache-Control": "no-store"})


def refused(status: int, said: str, retry_after: int | None = None) -> JSONResponse:
    """An answer that says why there is none.

    Args:
      status: of HTTP.
      said: the sentence.
      retry_after: seconds after which it is worth asking again; None if it is not.
    """
    later = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse({"error": said}, status_code=status, headers={"Cache-Control": "no-store", **later})
