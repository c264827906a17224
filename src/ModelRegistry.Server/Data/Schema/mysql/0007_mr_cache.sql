-- One row: what all replicas have agreed on about the cache they share.
CREATE TABLE IF NOT EXISTS "mr_cache" (
  "id" int NOT NULL,
  "installation" varchar(36) NOT NULL,
  "epoch" varchar(36) NOT NULL,
  "server" varchar(64) NOT NULL,
  "suspension" varchar(36) DEFAULT NULL,
  "beat" bigint NOT NULL,
  PRIMARY KEY ("id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
