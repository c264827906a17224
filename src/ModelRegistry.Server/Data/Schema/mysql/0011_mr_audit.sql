-- Every change of something that is audited: who, when, what; written in the transaction of the change, and never changed again.
CREATE TABLE IF NOT EXISTS "mr_audit" (
  "chain" varchar(400) NOT NULL,
  "position" bigint NOT NULL,
  "time_ms" bigint NOT NULL,
  "workspace" varchar(63) NOT NULL,
  "principal" varchar(256) NOT NULL,
  "request_id" varchar(128) DEFAULT NULL,
  "address" varchar(64) DEFAULT NULL,
  "client" varchar(256) DEFAULT NULL,
  "action" varchar(64) NOT NULL,
  "resource_kind" varchar(32) NOT NULL,
  "resource" varchar(300) NOT NULL,
  "before_json" mediumtext,
  "after_json" mediumtext,
  "previous_hash" char(64) NOT NULL,
  "hash" char(64) NOT NULL,
  PRIMARY KEY ("chain","position")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What facts were before: one row for each fact that a change changed; chain and position name the row of mr_audit.
CREATE TABLE IF NOT EXISTS "mr_history" (
  "id" bigint NOT NULL AUTO_INCREMENT,
  "workspace" varchar(63) NOT NULL,
  "resource_kind" varchar(32) NOT NULL,
  "resource" varchar(300) NOT NULL,
  "field" varchar(300) NOT NULL,
  "old_value" mediumtext,
  "new_value" mediumtext,
  "time_ms" bigint NOT NULL,
  "principal" varchar(256) NOT NULL,
  "chain" varchar(400) NOT NULL,
  "position" bigint NOT NULL,
  PRIMARY KEY ("id"),
  KEY "mr_history_resource" ("workspace","resource_kind","resource","id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
