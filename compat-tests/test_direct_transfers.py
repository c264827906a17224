"""Large files go through the proxy or past it, as the client is told and the server can; what comes back is the same."""

import os

import mlflow
import pytest
import requests
from mlflow.store.artifact import http_artifact_repo

CHUNK = 5 * 1024 * 1024
SWITCHES = [(upload, download) for upload in ("false", "true") for download in ("false", "true")]


@pytest.fixture
def capabilities(server_url):
    info = requests.get(f"{server_url}/api/3.0/mlflow/server-info", timeout=30).json()
    return bool(info.get("multipart_uploads_enabled")), bool(info.get("multipart_downloads_enabled"))


@pytest.fixture
def direct_parts(monkeypatch):
    """How many parts the client has sent past the server, and how many it has read."""
    counts = {"sent": 0, "read": 0}
    upload, download = http_artifact_repo.HttpArtifactRepository._upload_part, http_artifact_repo.download_chunk

    def counted_upload(*args, **kwargs):
        counts["sent"] += 1
        return upload(*args, **kwargs)

    def counted_download(*args, **kwargs):
        counts["read"] += 1
        return download(*args, **kwargs)

    monkeypatch.setattr(http_artifact_repo.HttpArtifactRepository, "_upload_part", staticmethod(counted_upload))
    monkeypatch.setattr(http_artifact_repo, "download_chunk", counted_download)
    return counts


@pytest.mark.parametrize(("upload", "download"), SWITCHES)
def test_a_large_file_comes_back_the_same(client, run_id, capabilities, direct_parts, tmp_path, monkeypatch, upload, download):
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", upload)
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", download)
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(CHUNK))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(CHUNK))
    monkeypatch.setenv("MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE", str(CHUNK))
    content = os.urandom(2 * CHUNK + 17)
    file = tmp_path / "big model.bin"
    file.write_bytes(content)

    client.log_artifact(run_id, str(file), "model")
    back = mlflow.artifacts.download_artifacts(f"runs:/{run_id}/model/big model.bin", dst_path=str(tmp_path / "back"))

    with open(back, "rb") as copy:
        assert copy.read() == content
    assert direct_parts["sent"] == (3 if upload == "true" and capabilities[0] else 0)
    assert direct_parts["read"] == (3 if download == "true" and capabilities[1] else 0)
