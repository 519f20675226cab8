"""A Label Studio in memory, over a real socket, for tests: the endpoints that `annotation.studio` and `.web` use.

It has the real one's hazards: no deduplication of tasks, no check of annotations, counters that lag, an overlap that is
honoured by the queue alone, requests that it repeats by itself after a locked database, ids that a server put back to a
backup gives out again. The same contract suite runs over both (`tests/annotation/test_contract.py`).
"""
