"""Connected components: the groups of rows that no interval may break."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from schemas.errors import Defect


def components(*cluster_ids: Sequence[str | None], optional: Sequence[Sequence[str | None]] = ()) -> NDArray[np.int64]:
    """Return the component of every row: rows that share an id in any column, directly or over others, are together.

    Args:
        cluster_ids: at least one column, each with one id a row. The same id in two columns is two different ids.
        optional: further columns in which None is allowed and links to nobody.

    Returns:
        Shape (rows,), numbered from 0 in order of first appearance.

    Raises:
        Defect: `missing-cluster`, a None in a required column: a row without its cluster would count as independent
            and make every interval too narrow. `uneven-columns`, `no-columns`.
    """
    columns = (*cluster_ids, *optional)
    if not cluster_ids:
        raise Defect("no-columns", "components", found="no required column", expected="at least one")
    rows = len(columns[0])
    if any(len(column) != rows for column in columns):
        found = ", ".join(str(len(column)) for column in columns)
        raise Defect("uneven-columns", "components", found=f"columns of {found} rows", expected="equally long ones")
    for place, column in enumerate(cluster_ids):
        if None in column:
            where = f"column {place + 1}, row {list(column).index(None) + 1}"
            raise Defect("missing-cluster", "components", where=where, found="no id", expected="an id in every row")
    return _numbered(rows, *_links(columns))


def _links(columns: Sequence[Sequence[str | None]]) -> tuple[list[int], list[int], int]:
    """Rows, the numbers of the ids in them, and how many ids there are: the edges of a graph of rows and ids."""
    number: dict[tuple[int, str], int] = {}
    row_ends: list[int] = []
    id_ends: list[int] = []
    for place, column in enumerate(columns):
        for row, cluster in enumerate(column):
            if cluster is not None:
                row_ends.append(row)
                id_ends.append(number.setdefault((place, cluster), len(number)))
    return row_ends, id_ends, len(number)


def _numbered(rows: int, row_ends: list[int], id_ends: list[int], ids: int) -> NDArray[np.int64]:
    if rows == 0:
        return np.zeros(0, dtype=np.int64)
    edges = (np.ones(len(row_ends), dtype=np.int8), (np.array(row_ends), np.array(id_ends) + rows))
    graph = coo_array(edges, shape=(rows + ids, rows + ids))
    _, found = connected_components(graph, directed=False)
    _, first, inverse = np.unique(found[:rows], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
