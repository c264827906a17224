-- What is known of each artifact file that went through a server: see docs/integrity.md.
CREATE TABLE IF NOT EXISTS "mr_artifacts" (
  "address_hash" varchar(64) NOT NULL,
  "address" text NOT NULL,
  "size" bigint NOT NULL,
  "sha256" varchar(64) DEFAULT NULL,
  "checksum" varchar(200) DEFAULT NULL,
  "recorded_time" bigint NOT NULL,
  "deleted_time" bigint DEFAULT NULL,
  "writer" varchar(36) DEFAULT NULL,
  "state" varchar(20) DEFAULT NULL,
  "state_time" bigint DEFAULT NULL,
  PRIMARY KEY ("address_hash"),
  KEY "mr_artifacts_address" ("address"(600))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
