"""Trainings in processes of their own: what was asked for, how far it is, and who comes next.

A run is a folder, and the folder is the truth: whoever reads it, this server, another one, or the same after a restart,
sees the same run in the same state. Nothing here imports TensorFlow; the child does.
"""

from recommender.runs.progress import Progress, ProgressLog, live_curves, noted, read_events
from recommender.runs.queue import Queue, default_queue
from recommender.runs.request import RunRequest, propose_name
from recommender.runs.run import Run, State
from recommender.runs.uploads import Uploads

__all__ = [
    "Progress",
    "ProgressLog",
    "Queue",
    "Run",
    "RunRequest",
    "State",
    "Uploads",
    "default_queue",
    "live_curves",
    "noted",
    "propose_name",
    "read_events",
]
