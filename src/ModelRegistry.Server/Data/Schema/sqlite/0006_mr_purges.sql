-- Runs and experiments whose permanent deletion has begun: their artifacts may be gone already, so they cannot be restored any more.
CREATE TABLE mr_purges (
	kind VARCHAR(20) NOT NULL,
	id VARCHAR(36) NOT NULL,
	begin_time BIGINT NOT NULL,
	PRIMARY KEY (kind, id)
);

-- What MySQL has by itself for each foreign key: without these, deleting a run or an experiment reads whole tables.
CREATE INDEX IF NOT EXISTS mr_logged_model_metrics_run ON logged_model_metrics (run_id);

CREATE INDEX IF NOT EXISTS mr_logged_model_metrics_experiment ON logged_model_metrics (experiment_id);

CREATE INDEX IF NOT EXISTS mr_logged_model_params_experiment ON logged_model_params (experiment_id);

CREATE INDEX IF NOT EXISTS mr_logged_model_tags_experiment ON logged_model_tags (experiment_id);
