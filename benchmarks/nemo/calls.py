"""Makes the calls of a file with NeMo Data Designer: `python calls.py URL FILE COUNT REPORT`, in its environment.

Of each call it is given what it can say for all rows at once (model, schema, temperature, limit) and the row's prompts.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import data_designer.config as dd
import pandas as pd
from data_designer.interface import DataDesigner

IN_FLIGHT = 64


def main(url: str, file: str, count: str, report: str) -> None:
    """Make the first `count` calls and report [seconds they took, replies that are the JSON asked for]."""
    with Path(file).open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line, _ in zip(lines, range(int(count)), strict=False)]
    builder = _builder(asked)
    with tempfile.TemporaryDirectory(prefix="mvpbench-") as folder:
        provider = dd.ModelProvider(name="local", endpoint=url, provider_type="openai", api_key="none")
        designer = DataDesigner(artifact_path=folder, model_providers=[provider])
        # One batch: between two it would have to wait. No metrics: nobody reads them.
        designer.set_run_config(dd.RunConfig(buffer_size=len(asked), otel_metrics_port=None))
        started = time.perf_counter()
        made = designer.create(builder, num_records=len(asked))
        seconds = time.perf_counter() - started
        replies = made.load_dataset()["reply"]
    Path(report).write_text(json.dumps([seconds, sum("question" in json.loads(reply) for reply in replies)]), "utf-8")


def _builder(asked):  # noqa: ANN001, ANN202 - types of a package that is not in our environment
    first = asked[0]
    schema = {"name": "reply", "schema": json.loads(first["response_schema"]), "strict": True}
    parameters = dd.ChatCompletionInferenceParams(
        max_parallel_requests=IN_FLIGHT,
        temperature=first["temperature"],
        max_tokens=first["max_tokens"],
        extra_body={"response_format": {"type": "json_schema", "json_schema": schema}},
    )
    model = dd.ModelConfig(alias="model", model=first["model"], provider="local", inference_parameters=parameters)
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    rows = [{message["role"]: message["content"] for message in one["messages"]} for one in asked]
    builder.with_seed_dataset(dd.DataFrameSeedSource(df=pd.DataFrame(rows)))
    column = dd.LLMTextColumnConfig(
        name="reply", model_alias="model", system_prompt="{{ system }}", prompt="{{ user }}"
    )
    builder.add_column(column)
    return builder


if __name__ == "__main__":
    main(*sys.argv[1:])
