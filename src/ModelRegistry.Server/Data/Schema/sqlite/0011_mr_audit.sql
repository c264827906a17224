-- Every change of something that is audited: who, when, what; written in the transaction of the change, and never changed again.
CREATE TABLE IF NOT EXISTS mr_audit (
	chain TEXT NOT NULL,
	position INTEGER NOT NULL,
	time_ms INTEGER NOT NULL,
	workspace TEXT NOT NULL,
	principal TEXT NOT NULL,
	request_id TEXT,
	address TEXT,
	client TEXT,
	action TEXT NOT NULL,
	resource_kind TEXT NOT NULL,
	resource TEXT NOT NULL,
	before_json TEXT,
	after_json TEXT,
	previous_hash TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (chain, position)
);

-- What facts were before: one row for each fact that a change changed; chain and position name the row of mr_audit.
CREATE TABLE IF NOT EXISTS mr_history (
	id INTEGER NOT NULL,
	workspace TEXT NOT NULL,
	resource_kind TEXT NOT NULL,
	resource TEXT NOT NULL,
	field TEXT NOT NULL,
	old_value TEXT,
	new_value TEXT,
	time_ms INTEGER NOT NULL,
	principal TEXT NOT NULL,
	chain TEXT NOT NULL,
	position INTEGER NOT NULL,
	PRIMARY KEY (id)
);

CREATE INDEX IF NOT EXISTS mr_history_resource ON mr_history (workspace, resource_kind, resource, id);
