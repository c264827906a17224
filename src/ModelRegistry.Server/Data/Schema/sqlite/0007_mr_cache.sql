-- One row: what all replicas have agreed on about the cache they share.
CREATE TABLE IF NOT EXISTS mr_cache (
	id INTEGER NOT NULL,
	installation VARCHAR(36) NOT NULL,
	epoch VARCHAR(36) NOT NULL,
	server VARCHAR(64) NOT NULL,
	suspension VARCHAR(36),
	beat BIGINT NOT NULL,
	CONSTRAINT mr_cache_pk PRIMARY KEY (id)
)
