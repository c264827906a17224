"""Prompts live in the registry; a client sees them through mlflow.genai."""

import mlflow
import mlflow.genai
import pytest


@pytest.fixture
def prompt(unique):
    """The name of a prompt with a text version 1 and a chat version 2."""
    mlflow.genai.register_prompt(unique("prompt"), "Say {{word}} in {{language}}.", commit_message="first", tags={"by": "me"})
    mlflow.genai.register_prompt(
        unique("prompt"), [{"role": "system", "content": "Be {{mood}}."}, {"role": "user", "content": "{{question}}"}],
        commit_message="chat", model_config={"model_name": "some-model", "temperature": 0.5})
    return unique("prompt")


def test_versions_come_back(prompt):
    first = mlflow.genai.load_prompt(prompt, version=1)
    assert (first.name, first.version, first.template) == (prompt, 1, "Say {{word}} in {{language}}.")
    assert (first.commit_message, first.tags, first.variables) == ("first", {"by": "me"}, {"word", "language"})
    assert first.format(word="hello", language="German") == "Say hello in German."
    second = mlflow.genai.load_prompt(f"prompts:/{prompt}/2")
    assert second.format(mood="kind", question="Why?")[0] == {"role": "system", "content": "Be kind."}
    assert second.model_config["temperature"] == 0.5


def test_aliases(prompt):
    mlflow.genai.set_prompt_alias(prompt, "production", 1)
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}@production").version == 1
    mlflow.genai.set_prompt_alias(prompt, "production", 2)
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}@production", cache_ttl_seconds=0).version == 2
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}@latest").version == 2
    mlflow.genai.delete_prompt_alias(prompt, "production")
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}@production", allow_missing=True, cache_ttl_seconds=0) is None


def test_missing_prompts(unique, prompt):
    assert mlflow.genai.load_prompt(unique("nobody"), version=1, allow_missing=True) is None
    assert mlflow.genai.load_prompt(prompt, version=9, allow_missing=True) is None


def test_search_finds_prompts_and_models_stay_apart(client, prompt, unique):
    client.create_registered_model(unique("model"))
    assert [found.name for found in mlflow.genai.search_prompts(f"name = '{prompt}'")] == [prompt]
    assert len(mlflow.genai.search_prompts(f"name LIKE '%{unique('')}'")) == 1
    assert [found.name for found in client.search_registered_models(f"name LIKE '%{unique('')}'")] == [unique("model")]
    assert list(client.search_model_versions(f"name = '{prompt}'")) == []


def test_tags(prompt):
    mlflow.genai.set_prompt_tag(prompt, "team", "blue")
    assert mlflow.genai.get_prompt_tags(prompt)["team"] == "blue"
    mlflow.genai.delete_prompt_tag(prompt, "team")
    assert "team" not in mlflow.genai.get_prompt_tags(prompt)
    mlflow.genai.set_prompt_version_tag(prompt, 1, "checked", "yes")
    assert mlflow.genai.load_prompt(prompt, version=1, cache_ttl_seconds=0).tags["checked"] == "yes"


def test_name_belongs_to_one_kind(client, prompt, unique, refused):
    with refused("RESOURCE_ALREADY_EXISTS", "prompt"):
        client.create_registered_model(prompt)
    client.create_registered_model(unique("model"))
    with refused("INVALID_PARAMETER_VALUE"):
        mlflow.genai.register_prompt(unique("model"), "text")


def test_delete(client, prompt):
    client.delete_prompt_version(prompt, "1")
    assert mlflow.genai.load_prompt(prompt, version=1, allow_missing=True, cache_ttl_seconds=0) is None
    client.delete_prompt_version(prompt, "2")
    client.delete_prompt(prompt)
    assert list(mlflow.genai.search_prompts(f"name = '{prompt}'")) == []


def test_prompts_used_in_a_run_are_linked(client, prompt, experiment_id):
    with mlflow.start_run(experiment_id=experiment_id) as run:
        mlflow.genai.load_prompt(prompt, version=1)
    assert prompt in client.get_run(run.info.run_id).data.tags["mlflow.linkedPrompts"]
