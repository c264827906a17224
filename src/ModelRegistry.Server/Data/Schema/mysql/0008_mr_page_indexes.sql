-- Pages of logged models, whatever their stage. (The tags of an experiment have an index already: that of their foreign key.)
CREATE INDEX mr_logged_models_created ON logged_models (experiment_id, creation_timestamp_ms DESC, model_id);

-- An index that is read backwards gives equal times in the wrong order, and InnoDB then sorts everything there is.
CREATE INDEX mr_experiments_created ON experiments (workspace, lifecycle_stage, creation_time DESC, experiment_id);

CREATE INDEX mr_trace_info_time ON trace_info (experiment_id, timestamp_ms DESC, request_id);
