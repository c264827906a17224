-- The lists that had to sort all there is for a page.
CREATE INDEX IF NOT EXISTS mr_experiments_created ON experiments (workspace, lifecycle_stage, creation_time DESC, experiment_id);

CREATE INDEX IF NOT EXISTS mr_webhooks_created ON webhooks (workspace, deleted_timestamp, creation_timestamp DESC, webhook_id);

CREATE INDEX IF NOT EXISTS mr_evaluation_datasets_created ON evaluation_datasets (workspace, created_time DESC, dataset_id DESC);

CREATE INDEX IF NOT EXISTS mr_evaluation_dataset_records_created ON evaluation_dataset_records (dataset_id, created_time, dataset_record_id);

-- With the stage, so that nothing but this index is read to find the versions of a page: mr_model_versions_name with one more column.
CREATE INDEX IF NOT EXISTS mr_model_versions_page ON model_versions (workspace, name, last_updated_time DESC, version DESC, current_stage);

DROP INDEX IF EXISTS mr_model_versions_name;
