"""What the raters of an instance, or of a question, say together: the tables `labels` and `item_labels`."""

from annotation.labels.instance import label_instances, make_labels
from annotation.labels.item import label_questions, rulings_that_count, votes_behind
from annotation.labels.run import ITEM_STAGE, STAGE, label_files, run_labels

__all__ = [
    "ITEM_STAGE",
    "STAGE",
    "label_files",
    "label_instances",
    "label_questions",
    "make_labels",
    "rulings_that_count",
    "run_labels",
    "votes_behind",
]
