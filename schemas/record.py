"""`Record`: the frozen base of every row, configuration section and result."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value with no unknown fields and no NaN; equal when its fields are equal."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
