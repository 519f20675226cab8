"""What raters' work looks like: the table `rater_quality`, which flags and takes nothing out."""

from annotation.quality.run import STAGE, quality_files, run_quality

__all__ = ["STAGE", "quality_files", "run_quality"]
