"""The assignments together with the instances they are of, found to belong together."""

from mvpbench.store.study import Study
from mvpbench.store.tables import read_table
from schemas.annotation import Assignment
from schemas.errors import StudyError
from schemas.questions import Instance


def read_assigned(study: Study) -> tuple[list[Assignment], dict[str, Instance]]:
    """Return the study's assignments, and all its instances by id.

    Raises:
        StudyError: `table-missing` and its like; `tables-disagree` where an assignment's instance is gone, or expects
            an answer that the task does not show.
    """
    assigned = read_table(study.tables, "assignments", Assignment)
    instances = {one.id: one for one in read_table(study.tables, "instances", Instance)}
    for task in assigned:
        if task.instance_id is None:
            continue
        instance = instances.get(task.instance_id)
        if instance is None or instance.expected not in task.answer_order:
            raise StudyError(
                "tables-disagree",
                f"task {task.uid}",
                where="tables/assignments.parquet",
                found=f"instance {task.instance_id}, which is {'gone' if instance is None else 'another now'}",
                expected="assignments of the instances that are there",
                way_out="run `mvpbench annotate push`, which draws the sample again",
            )
    return assigned, instances
