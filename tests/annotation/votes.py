"""Made-up annotations."""

from schemas.annotation import Annotation, AnnotatorKind
from schemas.questions import Instance


def made_annotation(instance: Instance, slot: int, vote: str, kind: AnnotatorKind = AnnotatorKind.HUMAN) -> Annotation:
    return Annotation(
        id=f"v-{instance.id}-{slot}-{kind}",
        instance_id=instance.id,
        uid=f"t-{instance.id}-{slot}",
        slot=f"KE-en-person-{slot}",
        annotator=f"n-{slot}-{kind}",
        annotator_kind=kind,
        vote=vote,
        created_at="2026-01-01T00:00:00+00:00",
        updated_at="2026-01-01T00:00:00+00:00",
        source_id=1,
    )
