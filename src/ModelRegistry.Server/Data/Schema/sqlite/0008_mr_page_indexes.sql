-- Tags of an experiment, whose primary key begins with the tag's name; and pages of logged models, whatever their stage.
CREATE INDEX IF NOT EXISTS mr_experiment_tags_experiment ON experiment_tags (experiment_id);

CREATE INDEX IF NOT EXISTS mr_logged_models_created ON logged_models (experiment_id, creation_timestamp_ms DESC, model_id);
