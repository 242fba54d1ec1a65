"""Bundles of the schema before this one, read as bundles of this one."""

from collections.abc import Mapping
from typing import Any

EARLIER_VERSION = 3
_TOLD = ("rmse", "mae", "top_k_all", "top_k_unseen")


def brought_up(content: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The content of a manifest of `EARLIER_VERSION` as one of the next version.

    There, stars and top-k were told the second of the held-out rating, and lists asked at the viewer's last known
    moment. So the former move to `held_out`, and what was not measured is missing. The split per-user-last cut through
    ratings of one second by the order of the file.

    Args:
      content: the manifest.
      version: to call it.
    """
    raised = {**content, "schema_version": version}
    raised["metrics"] = _figures_by_question(content.get("metrics"))
    raised["references"] = _figures_by_question(content.get("references"))
    if isinstance(split := content.get("split"), Mapping):
        raised["split"] = {**split, "ties": "file order"}
    return raised


def _figures_by_question(rows: Any) -> Any:
    if not isinstance(rows, Mapping):
        return rows
    return {name: _by_question(row) for name, row in rows.items()}


def _by_question(row: Any) -> Any:
    if not isinstance(row, Mapping) or "ndcg_at_10" not in row:  # of the training, or of queries told the target
        return row
    told = {name: row[name] for name in _TOLD if name in row}
    return {**{name: value for name, value in row.items() if name not in told}, "held_out": told}
