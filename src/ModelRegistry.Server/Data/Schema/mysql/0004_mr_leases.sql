-- Work that one replica does for all: whose it is, and from when on another may take it.
CREATE TABLE IF NOT EXISTS "mr_leases" (
  "name" varchar(100) NOT NULL,
  "owner" varchar(36) DEFAULT NULL,
  "due_time" bigint NOT NULL,
  PRIMARY KEY ("name")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
