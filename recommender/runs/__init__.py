"""Trainings in processes of their own: what was asked for, how far it is, and which comes next.

All about a run lies in its folder, so that every server that reads it, also after a restart, finds the run in the same
state. Nothing here imports TensorFlow; the process that trains does.
"""

from recommender.runs.bundle_names import propose_name
from recommender.runs.progress import RunProgress, live_curves, progress_from, read_events
from recommender.runs.progress_log import ProgressLog, open_progress_log
from recommender.runs.queue import Queue, default_queue
from recommender.runs.request import RunRequest
from recommender.runs.run import Run, State
from recommender.runs.uploads import Uploads

__all__ = [
    "ProgressLog",
    "Queue",
    "Run",
    "RunProgress",
    "RunRequest",
    "State",
    "Uploads",
    "default_queue",
    "live_curves",
    "open_progress_log",
    "progress_from",
    "propose_name",
    "read_events",
]
