"""How a file of a table is written: what somebody says of it, and how that is said to people."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from recommender.errors import ConfigurationError

# What people write for a character that is hard to type -> the character.
_SPOKEN = {"tab": "\t", r"\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars (|)", " ": "spaces", "  ": "spaces in rows"}
_LONGEST_SEPARATOR = 4


class Checked(BaseModel):
    """What somebody says of a table; it does not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def checked(cls, **parts: Any) -> Self:
        """What has these attributes.

        Raises:
          ConfigurationError: if one of them cannot be meant, or they do not fit each other.
        """
        try:
            return cls(**parts)
        except ValidationError as error:
            found = error.errors()[0]
            what = f"{found['loc'][0]} of a table" if found["loc"] else "the columns of a table do not fit"
            raise ConfigurationError(f"{what}: {found['msg'].removeprefix('Value error, ')}.") from None


class ChosenForm(Checked):
    """What somebody says of the way a text file is written; what is None is found by looking.

    Attributes:
      separator: what stands between two values, or its name: tab, space, comma, semicolon, pipe.
      decimal: what stands before the fraction of a number.
      encoding: how its letters are written, as Python calls it: utf-8, cp1251, gbk.
      header: whether the first row holds the columns' names; without, they are called 1, 2, 3.
    """

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


AS_FOUND = ChosenForm()


def separator_name(separator: str) -> str:
    """For people: "semicolons", or the characters themselves."""
    return _NAMES.get(separator, f"{separator!r}")
