"""A tiny invented data set in the publisher's layout."""

from dataclasses import dataclass, field
from pathlib import Path


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@dataclass
class Layout:
    """The rows of the four files; a test changes some and writes them."""

    genre: list[str] = field(default_factory=lambda: ["unknown|0", "Action|1", "Comedy|2", "Drama|3", ""])
    user: list[str] = field(
        default_factory=lambda: _lines(
            """
            2|53|F|other|94043
            1|24|M|technician|T8H1N
            10|7|F|student|55436
            3|23|M|writer|32067
            """
        )
    )
    # 3 and 9 are one film; 4 has its year from the release date, 5 has none.
    item: list[str] = field(
        default_factory=lambda: _lines(
            """
            1|Harbour Lights (1995)|01-Jan-1995||http://example.org/1|0|1|1|0
            2|Café 1999 (1961)|01-Jan-1996||http://example.org/2|0|0|0|1
            3|Twice Told (1997)|29-Aug-1997||http://example.org/3|0|1|0|0
            4|No Year|14-Feb-1983|||0|0|0|1
            5|unknown||||1|0|0|0
            9|Twice Told (1997)|29-Aug-1997||http://example.org/9|0|1|0|0
            10|Land: The Return (1994) (V)|01-Jan-1994||http://example.org/10|0|0|1|0
            """
        )
    )
    data: list[str] = field(
        default_factory=lambda: [
            "\t".join(row.split())
            for row in _lines(
                """
                3 9 4 880000500
                1 1 5 880000100
                1 3 3 880000200
                1 9 2 880000200
                2 10 1 880000300
                2 2 4 880000050
                10 5 3 880000400
                10 4 2 880000600
                3 1 5 880000700
                1 2 4 880000800
                """
            )
        ]
    )

    def content(self) -> dict[str, bytes]:
        return {
            f"u.{name}": "".join(f"{row}\n" for row in getattr(self, name)).encode("latin-1")
            for name in ("data", "item", "user", "genre")
        }

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.content().items():
            (folder / name).write_bytes(content)
        return folder
