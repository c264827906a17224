-- MLflow 3.11's tables as its own migrations leave them on MySQL, with two differences: the character set and a case-sensitive collation are
-- said with each table, so that names mean the same as on SQLite whatever the database's default is; and the trigger that guards the gateway's
-- secrets is left out, because creating one needs SUPER where binary logging is on. Every statement can be repeated: MySQL commits each on
-- its own, and a start that was interrupted goes on where it stopped.
SET FOREIGN_KEY_CHECKS=0;

CREATE TABLE IF NOT EXISTS "alembic_version" (
  "version_num" varchar(32) NOT NULL,
  PRIMARY KEY ("version_num")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "assessments" (
  "assessment_id" varchar(50) NOT NULL,
  "trace_id" varchar(50) NOT NULL,
  "name" varchar(250) NOT NULL,
  "assessment_type" varchar(20) NOT NULL,
  "value" text NOT NULL,
  "error" text,
  "created_timestamp" bigint NOT NULL,
  "last_updated_timestamp" bigint NOT NULL,
  "source_type" varchar(50) NOT NULL,
  "source_id" varchar(250) DEFAULT NULL,
  "run_id" varchar(32) DEFAULT NULL,
  "span_id" varchar(50) DEFAULT NULL,
  "rationale" text,
  "overrides" varchar(50) DEFAULT NULL,
  "valid" tinyint(1) NOT NULL,
  "assessment_metadata" text,
  PRIMARY KEY ("assessment_id"),
  KEY "index_assessments_trace_id_created_timestamp" ("trace_id","created_timestamp"),
  KEY "index_assessments_run_id_created_timestamp" ("run_id","created_timestamp"),
  KEY "index_assessments_last_updated_timestamp" ("last_updated_timestamp"),
  KEY "index_assessments_assessment_type" ("assessment_type"),
  CONSTRAINT "fk_assessments_trace_id" FOREIGN KEY ("trace_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "budget_policies" (
  "budget_policy_id" varchar(36) NOT NULL,
  "budget_unit" varchar(32) NOT NULL,
  "budget_amount" float NOT NULL,
  "duration_unit" varchar(32) NOT NULL,
  "duration_value" int NOT NULL,
  "target_scope" varchar(32) NOT NULL,
  "budget_action" varchar(32) NOT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("budget_policy_id"),
  KEY "idx_budget_policies_workspace" ("workspace")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "datasets" (
  "dataset_uuid" varchar(36) NOT NULL,
  "experiment_id" int NOT NULL,
  "name" varchar(500) NOT NULL,
  "digest" varchar(36) NOT NULL,
  "dataset_source_type" varchar(36) NOT NULL,
  "dataset_source" text NOT NULL,
  "dataset_schema" mediumtext,
  "dataset_profile" mediumtext,
  PRIMARY KEY ("experiment_id","name","digest"),
  KEY "index_datasets_dataset_uuid" ("dataset_uuid"),
  KEY "index_datasets_experiment_id_dataset_source_type" ("experiment_id","dataset_source_type"),
  CONSTRAINT "fk_datasets_experiment_id_experiments" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "endpoint_bindings" (
  "endpoint_id" varchar(36) NOT NULL,
  "resource_type" varchar(50) NOT NULL,
  "resource_id" varchar(255) NOT NULL,
  "created_at" bigint NOT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "last_updated_at" bigint NOT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "display_name" varchar(255) DEFAULT NULL,
  PRIMARY KEY ("endpoint_id","resource_type","resource_id"),
  CONSTRAINT "fk_endpoint_bindings_endpoint_id" FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "endpoint_model_mappings" (
  "mapping_id" varchar(36) NOT NULL,
  "endpoint_id" varchar(36) NOT NULL,
  "model_definition_id" varchar(36) NOT NULL,
  "weight" float NOT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "linkage_type" varchar(64) NOT NULL DEFAULT 'PRIMARY',
  "fallback_order" int DEFAULT NULL,
  PRIMARY KEY ("mapping_id"),
  UNIQUE KEY "unique_endpoint_model_linkage_mapping" ("endpoint_id","model_definition_id","linkage_type"),
  KEY "index_endpoint_model_mappings_endpoint_id" ("endpoint_id"),
  KEY "index_endpoint_model_mappings_model_definition_id" ("model_definition_id"),
  CONSTRAINT "fk_endpoint_model_mappings_endpoint_id" FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE,
  CONSTRAINT "fk_endpoint_model_mappings_model_definition_id" FOREIGN KEY ("model_definition_id") REFERENCES "model_definitions" ("model_definition_id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "endpoint_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(5000) DEFAULT NULL,
  "endpoint_id" varchar(36) NOT NULL,
  PRIMARY KEY ("key","endpoint_id"),
  KEY "index_endpoint_tags_endpoint_id" ("endpoint_id"),
  CONSTRAINT "fk_endpoint_tags_endpoint_id" FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "endpoints" (
  "endpoint_id" varchar(36) NOT NULL,
  "name" varchar(255) DEFAULT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "last_updated_at" bigint NOT NULL,
  "routing_strategy" varchar(64) DEFAULT NULL,
  "fallback_config_json" text,
  "experiment_id" int DEFAULT NULL,
  "usage_tracking" tinyint(1) NOT NULL DEFAULT '0',
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("endpoint_id"),
  UNIQUE KEY "uq_endpoints_workspace_name" ("workspace","name"),
  KEY "fk_endpoints_experiment_id" ("experiment_id"),
  KEY "idx_endpoints_workspace" ("workspace"),
  CONSTRAINT "fk_endpoints_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "entity_associations" (
  "association_id" varchar(36) NOT NULL,
  "source_type" varchar(36) NOT NULL,
  "source_id" varchar(36) NOT NULL,
  "destination_type" varchar(36) NOT NULL,
  "destination_id" varchar(36) NOT NULL,
  "created_time" bigint DEFAULT NULL,
  PRIMARY KEY ("source_type","source_id","destination_type","destination_id"),
  KEY "index_entity_associations_association_id" ("association_id"),
  KEY "index_entity_associations_reverse_lookup" ("destination_type","destination_id","source_type","source_id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "evaluation_dataset_records" (
  "dataset_record_id" varchar(36) NOT NULL,
  "dataset_id" varchar(36) NOT NULL,
  "inputs" json NOT NULL,
  "expectations" json DEFAULT NULL,
  "tags" json DEFAULT NULL,
  "source" json DEFAULT NULL,
  "source_id" varchar(36) DEFAULT NULL,
  "source_type" varchar(255) DEFAULT NULL,
  "created_time" bigint DEFAULT NULL,
  "last_update_time" bigint DEFAULT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "input_hash" varchar(64) NOT NULL,
  "outputs" json DEFAULT NULL,
  PRIMARY KEY ("dataset_record_id"),
  UNIQUE KEY "unique_dataset_input" ("dataset_id","input_hash"),
  KEY "index_evaluation_dataset_records_dataset_id" ("dataset_id"),
  CONSTRAINT "fk_evaluation_dataset_records_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "evaluation_datasets" ("dataset_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "evaluation_dataset_tags" (
  "dataset_id" varchar(36) NOT NULL,
  "key" varchar(255) NOT NULL,
  "value" varchar(5000) DEFAULT NULL,
  PRIMARY KEY ("dataset_id","key"),
  KEY "index_evaluation_dataset_tags_dataset_id" ("dataset_id"),
  CONSTRAINT "fk_evaluation_dataset_tags_dataset_id" FOREIGN KEY ("dataset_id") REFERENCES "evaluation_datasets" ("dataset_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "evaluation_datasets" (
  "dataset_id" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "schema" text,
  "profile" text,
  "digest" varchar(64) DEFAULT NULL,
  "created_time" bigint DEFAULT NULL,
  "last_update_time" bigint DEFAULT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("dataset_id"),
  KEY "index_evaluation_datasets_name" ("name"),
  KEY "index_evaluation_datasets_created_time" ("created_time"),
  KEY "idx_evaluation_datasets_workspace" ("workspace")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "experiment_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(5000) DEFAULT NULL,
  "experiment_id" int NOT NULL,
  PRIMARY KEY ("key","experiment_id"),
  KEY "experiment_id" ("experiment_id"),
  CONSTRAINT "experiment_tags_ibfk_1" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "experiments" (
  "experiment_id" int NOT NULL AUTO_INCREMENT,
  "name" varchar(256) NOT NULL,
  "artifact_location" varchar(256) DEFAULT NULL,
  "lifecycle_stage" varchar(32) DEFAULT NULL,
  "creation_time" bigint DEFAULT NULL,
  "last_update_time" bigint DEFAULT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("experiment_id"),
  UNIQUE KEY "uq_experiments_workspace_name" ("workspace","name"),
  KEY "idx_experiments_workspace" ("workspace"),
  KEY "idx_experiments_workspace_creation_time" ("workspace","creation_time"),
  CONSTRAINT "experiments_lifecycle_stage" CHECK (("lifecycle_stage" in (_utf8mb4'active',_utf8mb4'deleted')))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "guardrail_configs" (
  "endpoint_id" varchar(36) NOT NULL,
  "guardrail_id" varchar(36) NOT NULL,
  "execution_order" int DEFAULT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("endpoint_id","guardrail_id"),
  KEY "idx_guardrail_configs_endpoint_id" ("endpoint_id"),
  KEY "idx_guardrail_configs_guardrail_id" ("guardrail_id"),
  CONSTRAINT "fk_guardrail_configs_endpoint_id" FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE,
  CONSTRAINT "fk_guardrail_configs_guardrail_id" FOREIGN KEY ("guardrail_id") REFERENCES "guardrails" ("guardrail_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "guardrails" (
  "guardrail_id" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "scorer_id" varchar(36) NOT NULL,
  "scorer_version" int NOT NULL,
  "stage" varchar(32) NOT NULL,
  "action" varchar(32) NOT NULL,
  "action_endpoint_id" varchar(36) DEFAULT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("guardrail_id"),
  KEY "fk_guardrails_action_endpoint_id" ("action_endpoint_id"),
  KEY "idx_guardrails_workspace" ("workspace"),
  KEY "idx_guardrails_scorer" ("scorer_id","scorer_version"),
  CONSTRAINT "fk_guardrails_action_endpoint_id" FOREIGN KEY ("action_endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE SET NULL,
  CONSTRAINT "fk_guardrails_scorer_version" FOREIGN KEY ("scorer_id", "scorer_version") REFERENCES "scorer_versions" ("scorer_id", "scorer_version")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "input_tags" (
  "input_uuid" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "value" varchar(500) NOT NULL,
  PRIMARY KEY ("input_uuid","name")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "inputs" (
  "input_uuid" varchar(36) NOT NULL,
  "source_type" varchar(36) NOT NULL,
  "source_id" varchar(36) NOT NULL,
  "destination_type" varchar(36) NOT NULL,
  "destination_id" varchar(36) NOT NULL,
  "step" bigint NOT NULL DEFAULT '0',
  PRIMARY KEY ("source_type","source_id","destination_type","destination_id"),
  KEY "index_inputs_destination_type_destination_id_source_type" ("destination_type","destination_id","source_type"),
  KEY "index_inputs_input_uuid" ("input_uuid")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "issues" (
  "issue_id" varchar(36) NOT NULL,
  "experiment_id" int NOT NULL,
  "name" varchar(250) NOT NULL,
  "description" text NOT NULL,
  "status" varchar(50) NOT NULL,
  "severity" varchar(50) DEFAULT NULL,
  "root_causes" text,
  "source_run_id" varchar(32) DEFAULT NULL,
  "categories" text,
  "created_timestamp" bigint NOT NULL,
  "last_updated_timestamp" bigint NOT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  PRIMARY KEY ("issue_id"),
  KEY "index_issues_experiment_id" ("experiment_id"),
  KEY "index_issues_source_run_id" ("source_run_id"),
  KEY "index_issues_status" ("status"),
  CONSTRAINT "fk_issues_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE,
  CONSTRAINT "fk_issues_source_run_id" FOREIGN KEY ("source_run_id") REFERENCES "runs" ("run_uuid") ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "jobs" (
  "id" varchar(36) NOT NULL,
  "creation_time" bigint NOT NULL,
  "job_name" varchar(500) DEFAULT NULL,
  "params" text NOT NULL,
  "timeout" double DEFAULT NULL,
  "status" int NOT NULL,
  "result" text,
  "retry_count" int NOT NULL,
  "last_update_time" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  "status_details" json DEFAULT NULL,
  PRIMARY KEY ("id"),
  KEY "index_jobs_name_status_creation_time" ("job_name","workspace","status","creation_time")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "latest_metrics" (
  "key" varchar(250) NOT NULL,
  "value" double NOT NULL,
  "timestamp" bigint DEFAULT NULL,
  "step" bigint NOT NULL,
  "is_nan" tinyint(1) NOT NULL,
  "run_uuid" varchar(32) NOT NULL,
  PRIMARY KEY ("key","run_uuid"),
  KEY "index_latest_metrics_run_uuid" ("run_uuid"),
  CONSTRAINT "latest_metrics_ibfk_1" FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid"),
  CONSTRAINT "latest_metrics_chk_1" CHECK (("is_nan" in (0,1)))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "logged_model_metrics" (
  "model_id" varchar(36) NOT NULL,
  "metric_name" varchar(500) NOT NULL,
  "metric_timestamp_ms" bigint NOT NULL,
  "metric_step" bigint NOT NULL,
  "metric_value" double DEFAULT NULL,
  "experiment_id" int NOT NULL,
  "run_id" varchar(32) NOT NULL,
  "dataset_uuid" varchar(36) DEFAULT NULL,
  "dataset_name" varchar(500) DEFAULT NULL,
  "dataset_digest" varchar(36) DEFAULT NULL,
  PRIMARY KEY ("model_id","metric_name","metric_timestamp_ms","metric_step","run_id"),
  KEY "fk_logged_model_metrics_experiment_id" ("experiment_id"),
  KEY "fk_logged_model_metrics_run_id" ("run_id"),
  KEY "index_logged_model_metrics_model_id" ("model_id"),
  CONSTRAINT "fk_logged_model_metrics_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  CONSTRAINT "fk_logged_model_metrics_model_id" FOREIGN KEY ("model_id") REFERENCES "logged_models" ("model_id") ON DELETE CASCADE,
  CONSTRAINT "fk_logged_model_metrics_run_id" FOREIGN KEY ("run_id") REFERENCES "runs" ("run_uuid") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "logged_model_params" (
  "model_id" varchar(36) NOT NULL,
  "experiment_id" int NOT NULL,
  "param_key" varchar(255) NOT NULL,
  "param_value" text NOT NULL,
  PRIMARY KEY ("model_id","param_key"),
  KEY "fk_logged_model_params_experiment_id" ("experiment_id"),
  CONSTRAINT "fk_logged_model_params_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  CONSTRAINT "fk_logged_model_params_model_id" FOREIGN KEY ("model_id") REFERENCES "logged_models" ("model_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "logged_model_tags" (
  "model_id" varchar(36) NOT NULL,
  "experiment_id" int NOT NULL,
  "tag_key" varchar(255) NOT NULL,
  "tag_value" text NOT NULL,
  PRIMARY KEY ("model_id","tag_key"),
  KEY "fk_logged_model_tags_experiment_id" ("experiment_id"),
  CONSTRAINT "fk_logged_model_tags_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  CONSTRAINT "fk_logged_model_tags_model_id" FOREIGN KEY ("model_id") REFERENCES "logged_models" ("model_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "logged_models" (
  "model_id" varchar(36) NOT NULL,
  "experiment_id" int NOT NULL,
  "name" varchar(500) NOT NULL,
  "artifact_location" varchar(1000) NOT NULL,
  "creation_timestamp_ms" bigint NOT NULL,
  "last_updated_timestamp_ms" bigint NOT NULL,
  "status" int NOT NULL,
  "lifecycle_stage" varchar(32) DEFAULT NULL,
  "model_type" varchar(500) DEFAULT NULL,
  "source_run_id" varchar(32) DEFAULT NULL,
  "status_message" varchar(1000) DEFAULT NULL,
  PRIMARY KEY ("model_id"),
  KEY "fk_logged_models_experiment_id" ("experiment_id"),
  CONSTRAINT "fk_logged_models_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE,
  CONSTRAINT "logged_models_lifecycle_stage_check" CHECK (("lifecycle_stage" in (_utf8mb4'active',_utf8mb4'deleted')))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "metrics" (
  "key" varchar(250) NOT NULL,
  "value" double NOT NULL,
  "timestamp" bigint NOT NULL,
  "run_uuid" varchar(32) NOT NULL,
  "step" bigint NOT NULL DEFAULT '0',
  "is_nan" tinyint(1) NOT NULL DEFAULT '0',
  PRIMARY KEY ("key","timestamp","step","run_uuid","value","is_nan"),
  KEY "index_metrics_run_uuid" ("run_uuid"),
  KEY "index_metrics_run_uuid_key_step" ("run_uuid","key","step"),
  CONSTRAINT "metrics_ibfk_1" FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid"),
  CONSTRAINT "metrics_chk_1" CHECK (("is_nan" in (0,1))),
  CONSTRAINT "metrics_chk_2" CHECK (("is_nan" in (0,1)))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "model_definitions" (
  "model_definition_id" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "secret_id" varchar(36) DEFAULT NULL,
  "provider" varchar(64) NOT NULL,
  "model_name" varchar(256) NOT NULL,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("model_definition_id"),
  UNIQUE KEY "uq_model_definitions_workspace_name" ("workspace","name"),
  KEY "index_model_definitions_secret_id" ("secret_id"),
  KEY "index_model_definitions_provider" ("provider"),
  KEY "idx_model_definitions_workspace" ("workspace"),
  CONSTRAINT "fk_model_definitions_secret_id" FOREIGN KEY ("secret_id") REFERENCES "secrets" ("secret_id") ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "model_version_tags" (
  "key" varchar(250) NOT NULL,
  "value" text,
  "name" varchar(256) NOT NULL,
  "version" int NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("workspace","key","name","version"),
  KEY "name" ("name","version"),
  KEY "idx_model_version_tags_workspace_name_version" ("workspace","name","version"),
  CONSTRAINT "fk_model_version_tags_model_versions" FOREIGN KEY ("workspace", "name", "version") REFERENCES "model_versions" ("workspace", "name", "version") ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "model_versions" (
  "name" varchar(256) NOT NULL,
  "version" int NOT NULL,
  "creation_time" bigint DEFAULT NULL,
  "last_updated_time" bigint DEFAULT NULL,
  "description" varchar(5000) DEFAULT NULL,
  "user_id" varchar(256) DEFAULT NULL,
  "current_stage" varchar(20) DEFAULT NULL,
  "source" varchar(500) DEFAULT NULL,
  "run_id" varchar(32) DEFAULT NULL,
  "status" varchar(20) DEFAULT NULL,
  "status_message" varchar(500) DEFAULT NULL,
  "run_link" varchar(500) DEFAULT NULL,
  "storage_location" varchar(500) DEFAULT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("workspace","name","version"),
  CONSTRAINT "fk_model_versions_registered_models" FOREIGN KEY ("workspace", "name") REFERENCES "registered_models" ("workspace", "name") ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "online_scoring_configs" (
  "online_scoring_config_id" varchar(36) NOT NULL,
  "scorer_id" varchar(36) NOT NULL,
  "sample_rate" double NOT NULL,
  "experiment_id" int NOT NULL,
  "filter_string" text,
  PRIMARY KEY ("online_scoring_config_id"),
  KEY "fk_online_scoring_configs_scorer_id" ("scorer_id"),
  KEY "fk_online_scoring_configs_experiment_id" ("experiment_id"),
  CONSTRAINT "fk_online_scoring_configs_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  CONSTRAINT "fk_online_scoring_configs_scorer_id" FOREIGN KEY ("scorer_id") REFERENCES "scorers" ("scorer_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "params" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000) NOT NULL,
  "run_uuid" varchar(32) NOT NULL,
  PRIMARY KEY ("key","run_uuid"),
  KEY "index_params_run_uuid" ("run_uuid"),
  CONSTRAINT "params_ibfk_1" FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "registered_model_aliases" (
  "alias" varchar(256) NOT NULL,
  "version" int NOT NULL,
  "name" varchar(256) NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("workspace","name","alias"),
  CONSTRAINT "fk_registered_model_aliases_registered_models" FOREIGN KEY ("workspace", "name") REFERENCES "registered_models" ("workspace", "name") ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "registered_model_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(5000) DEFAULT NULL,
  "name" varchar(256) NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("workspace","key","name"),
  KEY "name" ("name"),
  KEY "idx_registered_model_tags_workspace_name" ("workspace","name"),
  CONSTRAINT "fk_registered_model_tags_registered_models" FOREIGN KEY ("workspace", "name") REFERENCES "registered_models" ("workspace", "name") ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "registered_models" (
  "name" varchar(256) NOT NULL,
  "creation_time" bigint DEFAULT NULL,
  "last_updated_time" bigint DEFAULT NULL,
  "description" varchar(5000) DEFAULT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("workspace","name"),
  KEY "idx_registered_models_workspace" ("workspace")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "runs" (
  "run_uuid" varchar(32) NOT NULL,
  "name" varchar(250) DEFAULT NULL,
  "source_type" varchar(20) DEFAULT NULL,
  "source_name" varchar(500) DEFAULT NULL,
  "entry_point_name" varchar(50) DEFAULT NULL,
  "user_id" varchar(256) DEFAULT NULL,
  "status" varchar(9) DEFAULT NULL,
  "start_time" bigint DEFAULT NULL,
  "end_time" bigint DEFAULT NULL,
  "source_version" varchar(50) DEFAULT NULL,
  "lifecycle_stage" varchar(20) DEFAULT NULL,
  "artifact_uri" varchar(200) DEFAULT NULL,
  "experiment_id" int DEFAULT NULL,
  "deleted_time" bigint DEFAULT NULL,
  PRIMARY KEY ("run_uuid"),
  KEY "experiment_id" ("experiment_id"),
  CONSTRAINT "runs_ibfk_1" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  CONSTRAINT "runs_chk_1" CHECK (("status" in (_utf8mb4'SCHEDULED',_utf8mb4'FAILED',_utf8mb4'FINISHED',_utf8mb4'RUNNING',_utf8mb4'KILLED'))),
  CONSTRAINT "runs_lifecycle_stage" CHECK (("lifecycle_stage" in (_utf8mb4'active',_utf8mb4'deleted'))),
  CONSTRAINT "source_type" CHECK (("source_type" in (_utf8mb4'NOTEBOOK',_utf8mb4'JOB',_utf8mb4'LOCAL',_utf8mb4'UNKNOWN',_utf8mb4'PROJECT')))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "scorer_versions" (
  "scorer_id" varchar(36) NOT NULL,
  "scorer_version" int NOT NULL,
  "serialized_scorer" text NOT NULL,
  "creation_time" bigint DEFAULT NULL,
  PRIMARY KEY ("scorer_id","scorer_version"),
  KEY "index_scorer_versions_scorer_id" ("scorer_id"),
  CONSTRAINT "fk_scorer_versions_scorer_id" FOREIGN KEY ("scorer_id") REFERENCES "scorers" ("scorer_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "scorers" (
  "experiment_id" int NOT NULL,
  "scorer_name" varchar(256) NOT NULL,
  "scorer_id" varchar(36) NOT NULL,
  PRIMARY KEY ("scorer_id"),
  UNIQUE KEY "index_scorers_experiment_id_scorer_name" ("experiment_id","scorer_name"),
  CONSTRAINT "fk_scorers_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "secrets" (
  "secret_id" varchar(36) NOT NULL,
  "secret_name" varchar(255) NOT NULL,
  "encrypted_value" blob NOT NULL,
  "wrapped_dek" blob NOT NULL,
  "kek_version" int NOT NULL,
  "masked_value" varchar(500) NOT NULL,
  "provider" varchar(64) DEFAULT NULL,
  "auth_config" text,
  "description" text,
  "created_by" varchar(255) DEFAULT NULL,
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255) DEFAULT NULL,
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("secret_id"),
  UNIQUE KEY "uq_secrets_workspace_secret_name" ("workspace","secret_name"),
  KEY "idx_secrets_workspace" ("workspace")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "span_metrics" (
  "trace_id" varchar(50) NOT NULL,
  "span_id" varchar(50) NOT NULL,
  "key" varchar(250) NOT NULL,
  "value" double DEFAULT NULL,
  PRIMARY KEY ("trace_id","span_id","key"),
  KEY "index_span_metrics_trace_id_span_id" ("trace_id","span_id"),
  CONSTRAINT "fk_span_metrics_span" FOREIGN KEY ("trace_id", "span_id") REFERENCES "spans" ("trace_id", "span_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "spans" (
  "trace_id" varchar(50) NOT NULL,
  "experiment_id" int NOT NULL,
  "span_id" varchar(50) NOT NULL,
  "parent_span_id" varchar(50) DEFAULT NULL,
  "name" text,
  "type" varchar(500) DEFAULT NULL,
  "status" varchar(50) NOT NULL,
  "start_time_unix_nano" bigint NOT NULL,
  "end_time_unix_nano" bigint DEFAULT NULL,
  "duration_ns" bigint GENERATED ALWAYS AS (("end_time_unix_nano" - "start_time_unix_nano")) STORED,
  "content" longtext NOT NULL,
  "dimension_attributes" json DEFAULT NULL,
  PRIMARY KEY ("trace_id","span_id"),
  KEY "index_spans_experiment_id" ("experiment_id"),
  KEY "index_spans_experiment_id_status_type" ("experiment_id","status","type"),
  KEY "index_spans_experiment_id_type_status" ("experiment_id","type","status"),
  KEY "index_spans_experiment_id_duration" ("experiment_id","duration_ns"),
  CONSTRAINT "fk_spans_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  CONSTRAINT "fk_spans_trace_id" FOREIGN KEY ("trace_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000) DEFAULT NULL,
  "run_uuid" varchar(32) NOT NULL,
  PRIMARY KEY ("key","run_uuid"),
  KEY "index_tags_run_uuid" ("run_uuid"),
  CONSTRAINT "tags_ibfk_1" FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "trace_info" (
  "request_id" varchar(50) NOT NULL,
  "experiment_id" int NOT NULL,
  "timestamp_ms" bigint NOT NULL,
  "execution_time_ms" bigint DEFAULT NULL,
  "status" varchar(50) NOT NULL,
  "client_request_id" varchar(50) DEFAULT NULL,
  "request_preview" varchar(1000) DEFAULT NULL,
  "response_preview" varchar(1000) DEFAULT NULL,
  PRIMARY KEY ("request_id"),
  KEY "index_trace_info_experiment_id_timestamp_ms" ("experiment_id","timestamp_ms"),
  CONSTRAINT "fk_trace_info_experiment_id" FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "trace_metrics" (
  "request_id" varchar(50) NOT NULL,
  "key" varchar(250) NOT NULL,
  "value" double DEFAULT NULL,
  PRIMARY KEY ("request_id","key"),
  KEY "index_trace_metrics_request_id" ("request_id"),
  CONSTRAINT "fk_trace_metrics_request_id" FOREIGN KEY ("request_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "trace_request_metadata" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000) DEFAULT NULL,
  "request_id" varchar(50) NOT NULL,
  PRIMARY KEY ("key","request_id"),
  KEY "index_trace_request_metadata_request_id" ("request_id"),
  CONSTRAINT "fk_trace_request_metadata_request_id" FOREIGN KEY ("request_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "trace_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000) DEFAULT NULL,
  "request_id" varchar(50) NOT NULL,
  PRIMARY KEY ("key","request_id"),
  KEY "index_trace_tags_request_id" ("request_id"),
  CONSTRAINT "fk_trace_tags_request_id" FOREIGN KEY ("request_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "webhook_events" (
  "webhook_id" varchar(256) NOT NULL,
  "entity" varchar(50) NOT NULL,
  "action" varchar(50) NOT NULL,
  PRIMARY KEY ("webhook_id","entity","action"),
  KEY "idx_webhook_events_entity" ("entity"),
  KEY "idx_webhook_events_action" ("action"),
  KEY "idx_webhook_events_entity_action" ("entity","action"),
  CONSTRAINT "webhook_events_ibfk_1" FOREIGN KEY ("webhook_id") REFERENCES "webhooks" ("webhook_id") ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "webhooks" (
  "webhook_id" varchar(256) NOT NULL,
  "name" varchar(256) NOT NULL,
  "description" varchar(1000) DEFAULT NULL,
  "url" varchar(500) NOT NULL,
  "status" varchar(20) NOT NULL DEFAULT 'ACTIVE',
  "secret" varchar(1000) DEFAULT NULL,
  "creation_timestamp" bigint DEFAULT NULL,
  "last_updated_timestamp" bigint DEFAULT NULL,
  "deleted_timestamp" bigint DEFAULT NULL,
  "workspace" varchar(63) NOT NULL DEFAULT 'default',
  PRIMARY KEY ("webhook_id"),
  KEY "idx_webhooks_status" ("status"),
  KEY "idx_webhooks_name" ("name"),
  KEY "idx_webhooks_workspace" ("workspace")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS "workspaces" (
  "name" varchar(63) NOT NULL,
  "description" text,
  "default_artifact_root" text,
  PRIMARY KEY ("name")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

SET FOREIGN_KEY_CHECKS=1;
