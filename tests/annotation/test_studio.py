"""The adapter against a real server, a dead one, a wrong one, and one that does not know us."""

import errno
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote

import pytest

from annotation.server.life import Running
from annotation.studio import Studio, connected, open_studio
from annotation.tasks.interface import instruction, labelling_config
from builder.countries.strings import rater_texts
from mvpbench.store.study import init_study
from schemas.annotation import TaskKind
from schemas.errors import ConfigError, ServiceError
from tests.annotation.made import STUDY_YAML
from tests.annotation.pushed import exported

HOSTILE = "<img src=x onerror=alert(1)> {{ 7*7 }} ${q} \u202b\u05d0 &amp; '\"; DROP TABLE task;"

WORDS = rater_texts("en")
CONFIG, TOLD = labelling_config(TaskKind.PERSON, WORDS), instruction(TaskKind.PERSON, WORDS)


class Page(BaseHTTPRequestHandler):
    """A page like any other; under a path of JSON text, that JSON."""

    def do_GET(self) -> None:
        """Say hello."""
        said = unquote(self.path.split("/")[1])
        kind, body = ("text/html", "<html>hello</html>") if said == "api" else ("application/json", said)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def wrong_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
        thread = Thread(target=page.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{page.server_port}"
        page.shutdown()
        thread.join()


@pytest.fixture
def project(studio: Studio) -> Iterator[int]:
    made = studio.create_project(
        "A made-up project",
        "[mvpbench test]",
        labelling_config(TaskKind.PERSON, WORDS),
        instruction(TaskKind.PERSON, WORDS),
    )
    yield made
    studio.delete_project(made)


def task(number: int) -> dict[str, str]:
    return {"uid": f"t-{number}", "question": HOSTILE, "answer_a": "a", "answer_b": "b", "profile": "p"}


def test_a_dead_server_is_named_with_the_way_out() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(ServiceError) as raised, connected(url, "0" * 40):
        pass
    assert str(raised.value) == (
        f"no label studio server answers ({url}): found ConnectError: [Errno {errno.ECONNREFUSED}] Connection refused."
        " start it with `mvpbench annotate serve --detach`, or mend `annotate.url` in study.yaml; then run the command"
        " again: what landed is not sent twice"
    )


def test_another_server_is_not_taken_for_label_studio(wrong_server: str) -> None:
    with pytest.raises(ServiceError) as raised, connected(wrong_server, "0" * 40):
        pass
    assert str(raised.value) == (
        f"what answers there is no label studio ({wrong_server}): found http 200 with text/html, expected the version"
        " that a label studio server tells. check `annotate.url` in study.yaml"
    )


@pytest.mark.parametrize("said", ["null", "7", "[]", '"label-studio-os-package"'])
def test_json_that_no_label_studio_says_is_no_label_studio(wrong_server: str, said: str) -> None:
    with pytest.raises(ServiceError) as raised, connected(f"{wrong_server}/{quote(said)}", "0" * 40):
        pass
    assert raised.value.report.code == "not-label-studio"
    assert raised.value.report.found == "http 200 with application/json"


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:99999",
        "127.0.0.1:8080",
        "ftp://ls.example.org",
        "http://",
        "",
    ],
)
def test_an_address_that_is_none_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    text = STUDY_YAML.format(pairs=1, slots=3, items=0).replace("slots: 3", f"slots: 3, url: '{url}'")
    monkeypatch.setenv("LABEL_STUDIO_API_KEY", "0" * 40)
    with pytest.raises(ConfigError) as raised, open_studio(init_study(tmp_path, text)):
        pass
    assert str(raised.value) == (
        f"the address of the label studio server (study.yaml: annotate.url): found {url!r}, expected an"
        " address such as https://label-studio.example.org or http://127.0.0.1:8080"
    )
    assert raised.value.exit_code == 2


@pytest.mark.server
def test_a_wrong_token_is_refused(server: Running) -> None:
    with pytest.raises(ServiceError) as raised, connected(server.url, "0" * 40):
        pass
    assert raised.value.report.code == "token-refused"
    assert "0" * 40 not in str(raised.value)
    assert "annotate.key_env" in str(raised.value)


@pytest.mark.server
@pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")  # of the foreign client
def test_a_personal_access_token_opens_the_same_doors(studio: Studio) -> None:
    token = studio._client.tokens.create().token
    assert token
    with connected(studio.url, token) as other:
        assert other.owner_id() == studio.owner_id()
        assert other.server_id() == studio.server_id()


def test_a_study_whose_server_does_not_run_says_how_to_start_it(tmp_path: Path) -> None:
    study = init_study(tmp_path, STUDY_YAML.format(pairs=1, slots=3, items=0))
    with pytest.raises(ServiceError, match="start it with `mvpbench annotate serve --detach`"), open_studio(study):
        pass


def test_a_server_of_ones_own_needs_its_token_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = STUDY_YAML.format(pairs=1, slots=3, items=0).replace("slots: 3", "slots: 3, url: 'https://ls.example.org'")
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    with pytest.raises(ConfigError) as raised, open_studio(init_study(tmp_path, text)):
        pass
    assert raised.value.report.found == "no environment variable LABEL_STUDIO_API_KEY"


@pytest.mark.server
def test_tasks_are_looked_for_by_uid_and_come_back_as_they_were_sent(studio: Studio, project: int) -> None:
    studio.import_tasks(project, [task(number) for number in range(3)])
    first, _, third = (one.id for one in exported(studio, project))
    assert studio.present(project, ["t-0", "t-2", "t-7"]) == {"t-0": [first], "t-2": [third]}
    assert studio.present(project, []) == {}
    assert [one.data for one in exported(studio, project)] == [task(number) for number in range(3)]


@pytest.mark.server
def test_a_project_is_found_by_its_mark_alone(studio: Studio, project: int) -> None:
    assert studio.find_project("[mvpbench test]") == project
    assert studio.find_project("[mvpbench another]") is None
    assert studio.has_project(project, "[mvpbench test]")
    assert not studio.has_project(project, "[mvpbench another]")
    assert not studio.has_project(10**6, "[mvpbench test]")


@pytest.mark.server
def test_a_batch_that_does_not_fit_the_interface_is_refused_whole(studio: Studio, project: int) -> None:
    with pytest.raises(ServiceError) as raised:
        studio.import_tasks(project, [task(1), {"uid": "t-2"}])
    assert raised.value.report.code == "server-refused"
    assert exported(studio, project) == []
