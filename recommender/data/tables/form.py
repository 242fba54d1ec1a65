"""How a file of a table is written: what somebody says of it, and how that is said to people."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from recommender.errors import ConfigurationError

# What people write for a character that is hard to type -> the character.
_SPOKEN = {"tab": "\t", r"\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars (|)", " ": "spaces"}
_LONGEST_SEPARATOR = 4


class ChosenForm(BaseModel):
    """What somebody says of the way a text file is written; what is None is found by looking.

    Attributes:
      separator: what stands between two values, or its name: tab, space, comma, semicolon, pipe.
      decimal: what stands before the fraction of a number.
      encoding: how its letters are written, as Python calls it: utf-8, cp1251, gbk.
      header: whether the first row holds the columns' names; without, they are called 1, 2, 3.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    header: bool | None = None

    @field_validator("separator")
    @classmethod
    def _can_be_cut_at(cls, value: str | None) -> str | None:
        if value is None:
            return None
        value = _SPOKEN.get(value.lower(), value)
        if not 1 <= len(value) <= _LONGEST_SEPARATOR or set(value) & set('"\r\n\0'):
            raise ValueError(f"{value!r} cannot stand between values; give one character, or tab or space")
        return value

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        try:
            "a".encode(value or "utf-8")  # refused by what is known and makes no text
        except (LookupError, ValueError):
            raise ValueError(f"no encoding is called {value!r}; one is called utf-8, cp1252, cp1251 or gbk") from None
        return value

    @classmethod
    def checked(
        cls,
        separator: str | None = None,
        decimal: str | None = None,
        encoding: str | None = None,
        header: bool | None = None,
    ) -> "ChosenForm":
        """The form with these attributes.

        Raises:
          ConfigurationError: if one of them cannot be meant.
        """
        try:
            return cls.model_validate(
                {"separator": separator, "decimal": decimal, "encoding": encoding, "header": header}
            )
        except ValidationError as error:
            found = error.errors()[0]
            reason = found["msg"].removeprefix("Value error, ")
            raise ConfigurationError(f"{found['loc'][0]} of a table: {reason}.") from None


AS_FOUND = ChosenForm()


def separator_name(separator: str) -> str:
    """For people: "semicolons", or the characters themselves."""
    return _NAMES.get(separator, f"{separator!r}")
