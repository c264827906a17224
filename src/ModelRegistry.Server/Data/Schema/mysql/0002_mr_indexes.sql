-- Indexes for pages that must not get slower as history grows. MLflow's own server ignores them.
CREATE INDEX mr_runs_experiment_start ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid);

CREATE INDEX mr_model_versions_run ON model_versions (workspace, run_id, last_updated_time DESC, name, version DESC);

CREATE INDEX mr_model_versions_updated ON model_versions (workspace, last_updated_time DESC, name, version DESC);

CREATE INDEX mr_logged_models_experiment ON logged_models (experiment_id, lifecycle_stage, creation_timestamp_ms DESC);

CREATE INDEX mr_logged_models_run ON logged_models (source_run_id);

CREATE INDEX mr_model_versions_stage ON model_versions (workspace, name, current_stage, version);

CREATE INDEX mr_model_versions_name ON model_versions (workspace, name, last_updated_time DESC, version DESC);
