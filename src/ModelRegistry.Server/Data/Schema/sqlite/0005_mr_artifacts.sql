-- What is known of each artifact file that went through a server: see docs/integrity.md.
CREATE TABLE mr_artifacts (
	address_hash VARCHAR(64) NOT NULL,
	address TEXT NOT NULL,
	size BIGINT NOT NULL,
	sha256 VARCHAR(64),
	checksum VARCHAR(200),
	recorded_time BIGINT NOT NULL,
	deleted_time BIGINT,
	writer VARCHAR(36),
	state VARCHAR(20),
	state_time BIGINT,
	PRIMARY KEY (address_hash)
);

CREATE INDEX mr_artifacts_address ON mr_artifacts (address);
