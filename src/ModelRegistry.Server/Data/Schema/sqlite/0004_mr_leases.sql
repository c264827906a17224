-- Work that one replica does for all: whose it is, and from when on another may take it.
CREATE TABLE mr_leases (
	name VARCHAR(100) NOT NULL,
	owner VARCHAR(36),
	due_time BIGINT NOT NULL,
	PRIMARY KEY (name)
);
