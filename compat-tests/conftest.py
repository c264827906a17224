"""Fixtures: where the server is, a client for it, and fresh names so that tests share one server without meeting."""

import contextlib
import os
import re
import shlex
import subprocess
import tempfile
import uuid

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MPLBACKEND", "Agg")

import mlflow  # noqa: E402
import pytest  # noqa: E402
import requests  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402


@contextlib.contextmanager
def _started(command):
    """Runs the server of MODELREGISTRY_SERVER on a free port and gives its address, which its first line tells."""
    with tempfile.TemporaryDirectory(prefix="modelregistry-") as folder:
        options = ["--host", "127.0.0.1", "--port", "0", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
                   "--artifacts-destination", f"{folder}/artifacts"]
        server = subprocess.Popen(shlex.split(command) + options, cwd=folder, stdout=subprocess.PIPE, text=True,
                                  env=os.environ | {"MODELREGISTRY_NO_WEBHOOK_DELIVERY": "true"})
        try:
            for line in server.stdout:
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield found.group()
                    break
            else:
                raise RuntimeError(f"the server ended with code {server.wait()} before it said where it listens")
        finally:
            server.terminate()
            server.communicate(timeout=30)


@pytest.fixture(scope="session")
def server_url():
    if url := os.environ.get("MODELREGISTRY_URL"):
        yield url.rstrip("/")
    elif command := os.environ.get("MODELREGISTRY_SERVER"):
        with _started(command) as url:
            yield url
    else:
        pytest.exit("set MODELREGISTRY_URL, or MODELREGISTRY_SERVER to the command that starts the server", returncode=2)


@pytest.fixture(scope="session", autouse=True)
def tracking_uri(server_url):
    os.environ["MLFLOW_TRACKING_URI"] = server_url
    mlflow.set_tracking_uri(server_url)
    mlflow.set_registry_uri(server_url)
    return server_url


@pytest.fixture(scope="session")
def is_reference(server_url):
    """True for MLflow's own server: the few tests where ModelRegistry knowingly does better are left out there."""
    return requests.get(f"{server_url}/health", timeout=30).headers.get("server", "") in ("uvicorn", "gunicorn")


@pytest.fixture
def client(tracking_uri):
    return MlflowClient(tracking_uri)


@pytest.fixture
def unique():
    """Gives names that no other test uses; one word, so that filters can match them by prefix."""
    mark = uuid.uuid4().hex[:10]
    return lambda name="x": f"{name}-{mark}"


@pytest.fixture
def experiment_id(client, unique):
    return client.create_experiment(unique("experiment"))


@pytest.fixture
def run_id(client, experiment_id):
    return client.create_run(experiment_id).info.run_id


@pytest.fixture(autouse=True)
def no_active_run():
    yield
    while mlflow.active_run():
        mlflow.end_run()


@pytest.fixture
def refused():
    """`with refused("RESOURCE_DOES_NOT_EXIST", "Run"):` expects that code and a message that matches."""

    @contextlib.contextmanager
    def check(code, message=""):
        with pytest.raises(MlflowException) as caught:
            yield caught
        assert caught.value.error_code == code, caught.value.message
        assert re.search(message, caught.value.message), caught.value.message

    return check


@pytest.fixture
def all_pages():
    """Follows page tokens to the end and gives the pages."""

    def pages(search, **arguments):
        found, token = [], None
        while True:
            page = search(page_token=token, **arguments)
            found.append(list(page))
            token = page.token
            if not token:
                return found

    return pages
