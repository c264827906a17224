"""Files of all kinds go up, are listed and come back the same."""

import hashlib
import os
from pathlib import Path

import mlflow
import numpy
import pandas
import pytest
import requests
from mlflow.artifacts import download_artifacts, list_artifacts, load_dict, load_image, load_text
from mlflow.exceptions import MlflowException

MEGABYTE = 1024 * 1024


def _uri(run_id, path):
    return f"runs:/{run_id}/{path}"


def _listing(client, run_id, path=None):
    return [(entry.path, entry.is_dir, entry.file_size) for entry in client.list_artifacts(run_id, path)]


def test_text_and_dict(client, run_id):
    client.log_text(run_id, "Grüße, 世界\nsecond line", "notes/hello.txt")
    client.log_dict(run_id, {"rate": 0.5, "layers": [1, 2]}, "config.json")
    client.log_dict(run_id, {"rate": 0.5, "layers": [1, 2]}, "config.yaml")
    assert load_text(_uri(run_id, "notes/hello.txt")) == "Grüße, 世界\nsecond line"
    assert load_dict(_uri(run_id, "config.json")) == {"rate": 0.5, "layers": [1, 2]}
    assert "layers" in load_text(_uri(run_id, "config.yaml"))


def test_figure_and_images(client, run_id):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([1, 2, 3], [3, 1, 2])
    client.log_figure(run_id, figure, "plots/line.png")
    pixels = numpy.random.default_rng(1).integers(0, 256, (12, 20, 3), dtype=numpy.uint8)
    client.log_image(run_id, pixels, "pictures/noise.png")
    assert (numpy.array(load_image(_uri(run_id, "pictures/noise.png"))) == pixels).all()
    assert load_image(_uri(run_id, "plots/line.png")).size[0] > 100


def test_stepped_images(client, run_id):
    for step in range(3):
        client.log_image(run_id, numpy.full((8, 8, 3), step, dtype=numpy.uint8), key="sample", step=step, synchronous=True)
    names = [path for path, _, _ in _listing(client, run_id, "images")]
    assert len([name for name in names if name.endswith(".png")]) == 3
    assert all("sample" in name for name in names)


def test_table_grows_and_loads(client, experiment_id, run_id):
    client.log_table(run_id, {"question": ["a"], "answer": ["b"]}, "tables/qa.json")
    client.log_table(run_id, pandas.DataFrame({"question": ["c"], "answer": ["ü"]}), "tables/qa.json")
    table = client.load_table(experiment_id, "tables/qa.json", run_ids=[run_id], extra_columns=["run_id"])
    assert table["question"].tolist() == ["a", "c"]
    assert table["answer"].tolist() == ["b", "ü"]
    assert set(table["run_id"]) == {run_id}


def test_folders_keep_their_shape(client, run_id, tmp_path):
    for name in ("top.txt", "inner/one.txt", "inner/deeper/two.txt"):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(name)
    client.log_artifacts(run_id, str(tmp_path / "tree"), "data")
    assert _listing(client, run_id) == [("data", True, None)]
    assert _listing(client, run_id, "data") == [("data/inner", True, None), ("data/top.txt", False, 7)]
    assert _listing(client, run_id, "data/inner/deeper") == [("data/inner/deeper/two.txt", False, 20)]
    copy = Path(client.download_artifacts(run_id, "data"))
    found = {str(file.relative_to(copy)): file.read_text() for file in copy.rglob("*") if file.is_file()}
    assert found == {name: name for name in ("top.txt", "inner/one.txt", "inner/deeper/two.txt")}


def test_listing_a_file_or_nothing_is_empty(client, run_id):
    client.log_text(run_id, "x", "one.txt")
    assert _listing(client, run_id, "one.txt") == []
    assert _listing(client, run_id, "nowhere") == []


ODD_NAMES = [
    "with space.txt", "plus+and&.txt", "quote'and(parens).txt", "semi;colon=equals.txt", "dot.dot..txt", "UPPER.TXT",
    "ünï-模型.txt", "emoji-🚀.bin"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_come_back(client, run_id, tmp_path, name, is_reference):
    (tmp_path / name).write_bytes(name.encode() * 3)
    client.log_artifact(run_id, str(tmp_path / name), "sub dir ü")
    assert [path for path, _, _ in _listing(client, run_id, "sub dir ü")] == [f"sub dir ü/{name}"]
    if is_reference and not name.isascii():
        pytest.skip("MLflow's server answers 500: it cannot send such a name in Content-Disposition")
    assert Path(client.download_artifacts(run_id, f"sub dir ü/{name}")).read_bytes() == name.encode() * 3


def test_empty_file(client, run_id, tmp_path):
    (tmp_path / "empty.bin").touch()
    client.log_artifact(run_id, str(tmp_path / "empty.bin"))
    assert [(path, is_dir, size or 0) for path, is_dir, size in _listing(client, run_id)] == [("empty.bin", False, 0)]
    assert Path(client.download_artifacts(run_id, "empty.bin")).read_bytes() == b""


def test_fifty_megabytes(client, run_id, tmp_path):
    block, hashed = os.urandom(MEGABYTE), hashlib.sha256()
    with open(tmp_path / "big.bin", "wb") as file:
        for number in range(50):
            piece = number.to_bytes(4, "big") + block[4:]
            hashed.update(piece)
            file.write(piece)
    client.log_artifact(run_id, str(tmp_path / "big.bin"), "weights")
    assert _listing(client, run_id, "weights") == [("weights/big.bin", False, 50 * MEGABYTE)]
    copy = client.download_artifacts(run_id, "weights/big.bin")
    with open(copy, "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == hashed.hexdigest()


def test_overwrite_replaces(client, run_id):
    client.log_text(run_id, "first and longer", "same.txt")
    client.log_text(run_id, "second", "same.txt")
    assert load_text(_uri(run_id, "same.txt")) == "second"
    assert _listing(client, run_id) == [("same.txt", False, 6)]


def test_fluent_calls_use_the_active_run(experiment_id, tmp_path):
    (tmp_path / "file.txt").write_text("fluent")
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.log_artifact(str(tmp_path / "file.txt"), "here")
        assert mlflow.get_artifact_uri("here").endswith(f"{run.info.run_id}/artifacts/here")
        assert mlflow.get_artifact_uri().startswith("mlflow-artifacts:/")
    assert [entry.path for entry in list_artifacts(run_id=run.info.run_id, artifact_path="here")] == ["here/file.txt"]
    assert Path(download_artifacts(run_id=run.info.run_id, artifact_path="here/file.txt")).read_text() == "fluent"


def test_delete_by_the_repository(client, run_id):
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    client.log_text(run_id, "1", "keep/one.txt")
    client.log_text(run_id, "2", "drop/two.txt")
    repository = get_artifact_repository(client.get_run(run_id).info.artifact_uri)
    repository.delete_artifacts("drop")
    assert [path for path, _, _ in _listing(client, run_id)] == ["keep"]


def test_missing_artifact_is_an_error(client, run_id):
    with pytest.raises((MlflowException, OSError, requests.HTTPError)):
        client.download_artifacts(run_id, "nothing/here.txt")


def test_model_version_files_download_by_uri(client, run_id, unique):
    client.log_text(run_id, "weights", "model/data.bin")
    client.create_registered_model(unique("files"))
    source = f"{client.get_run(run_id).info.artifact_uri}/model"
    client.create_model_version(unique("files"), source, run_id)
    assert client.get_model_version_download_uri(unique("files"), "1") == source
    folder = Path(download_artifacts(artifact_uri=f"models:/{unique('files')}/1"))
    assert (folder / "data.bin").read_text() == "weights"
    assert [entry.path for entry in list_artifacts(artifact_uri=f"models:/{unique('files')}/1")] == ["data.bin"]


def test_browser_routes_give_the_same_bytes(client, run_id, server_url, unique):
    client.log_text(run_id, "for the browser", "page/readme.txt")
    answer = requests.get(f"{server_url}/get-artifact", params={"run_id": run_id, "path": "page/readme.txt"}, timeout=30)
    assert (answer.status_code, answer.text) == (200, "for the browser")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"].startswith("text/plain")
    client.create_registered_model(unique("page"))
    client.create_model_version(unique("page"), f"{client.get_run(run_id).info.artifact_uri}/page", run_id)
    answer = requests.get(
        f"{server_url}/model-versions/get-artifact", timeout=30,
        params={"name": unique("page"), "version": "1", "path": "readme.txt"})
    assert (answer.status_code, answer.text) == (200, "for the browser")


def _send(method, server_url, path):
    """Sends the path as it is written; requests itself would resolve the dots."""
    with requests.Session() as session:
        request = session.prepare_request(requests.Request(method, server_url, data=b"evil" if method == "PUT" else None))
        request.url = f"{server_url}/api/2.0/mlflow-artifacts/artifacts/{path}"
        return session.send(request, timeout=30)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [
    "../../../etc/passwd", "..%2f..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/x", "a/../../../x", "%2fetc%2fpasswd/../x"])
def test_paths_out_of_the_store_are_refused(server_url, method, path):
    answer = _send(method, server_url, path)
    assert 400 <= answer.status_code < 500, answer.text[:200]
    assert "root:" not in answer.text


@pytest.mark.parametrize("path", ["/etc/passwd", "%2fetc%2fpasswd", "..%5c..%5c..%5cetc%5cpasswd", "%252e%252e/%252e%252e/etc/passwd"])
def test_strange_paths_never_leave_the_store(server_url, path):
    answer = _send("GET", server_url, path)
    assert answer.status_code < 500
    assert "root:" not in answer.text
