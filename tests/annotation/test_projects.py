"""A study whose projects are on one server finds itself before another, and says so."""

from collections.abc import Callable, Iterator

import pytest

from annotation.fake.server import fake_studio
from annotation.pull import pull
from annotation.push import push
from annotation.studio import Studio, connected
from annotation.sync.reconcile import reconcile
from mvpbench.store.study import Study
from schemas.errors import StudyError
from tests.annotation.pushed import PAIRS, quiet


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.server)])
def first(request: pytest.FixtureRequest) -> Studio:
    studio: Studio = request.getfixturevalue("studio" if request.param == "real" else "faked")
    return studio


@pytest.fixture
def second() -> Iterator[Studio]:
    """Another server, which has projects of others under the same numbers."""
    with fake_studio() as other, connected(other.url, other.token) as studio:
        other.held.made = "2026-04-01T00:00:00.000000Z"
        for number in range(3):
            studio.create_project(f"somebody's {number}", "", "<View/>", "")
        yield studio


@pytest.mark.slow
def test_another_server_is_named_as_such_with_both_ways_out(study: Study, first: Studio, second: Studio) -> None:
    push(study, first, say=quiet)
    works: tuple[Callable[[], object], ...] = (
        lambda: push(study, second, say=quiet),
        lambda: pull(study, second, say=quiet),
    )
    for work in works:
        with pytest.raises(StudyError) as raised:
            work()
        report = raised.value.report
        assert (report.code, report.where) == ("another-server", second.url)
        assert first.server_id() in (report.expected or "")
        assert second.server_id() in (report.found or "")
        assert "`annotate.url`" in (report.way_out or "")
        assert "`mvpbench annotate push --anew`" in (report.way_out or "")
    told = reconcile(study, second, say=quiet)
    assert [one.difference.value for one in told.result.findings] == ["project-elsewhere"] * 3
    for one in told.result.findings:
        assert first.server_id() in one.detail
        assert second.server_id() in one.detail
    assert "`mvpbench annotate push --anew`" in "\n".join(told.summary)
    assert len(list(second.projects())) == 3
    again = push(study, second, say=quiet, anew=True)
    assert again.counts["tasks sent now"] == 3 * PAIRS
    assert reconcile(study, second, say=quiet).result.findings == ()
