-- Runs and experiments whose permanent deletion has begun: their artifacts may be gone already, so they cannot be restored any more.
CREATE TABLE IF NOT EXISTS "mr_purges" (
  "kind" varchar(20) NOT NULL,
  "id" varchar(36) NOT NULL,
  "begin_time" bigint NOT NULL,
  PRIMARY KEY ("kind","id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
