-- Runs with a parameter or a tag of one value are found without a look at every other run of their experiment.
CREATE INDEX mr_params_value ON params ("key", value(64), run_uuid);

CREATE INDEX mr_tags_value ON tags ("key", value(64), run_uuid);
