-- What is to be sent to webhooks, and what became of it. A row is written in the transaction of the change that it tells of.
CREATE TABLE mr_webhook_deliveries (
	id INTEGER NOT NULL,
	delivery_id VARCHAR(36) NOT NULL,
	webhook_id VARCHAR(256) NOT NULL,
	workspace VARCHAR(63) NOT NULL,
	model_name VARCHAR(256) NOT NULL,
	entity VARCHAR(50) NOT NULL,
	action VARCHAR(50) NOT NULL,
	payload TEXT NOT NULL,
	state VARCHAR(20) NOT NULL,
	attempts INTEGER NOT NULL,
	attempts_before INTEGER NOT NULL,
	creation_time BIGINT NOT NULL,
	due_time BIGINT NOT NULL,
	completion_time BIGINT,
	owner VARCHAR(36),
	response_status INTEGER,
	error VARCHAR(500),
	PRIMARY KEY (id)
);

CREATE UNIQUE INDEX mr_webhook_deliveries_delivery ON mr_webhook_deliveries (delivery_id);

CREATE INDEX mr_webhook_deliveries_queue ON mr_webhook_deliveries (state, webhook_id, workspace, model_name, id);

CREATE INDEX mr_webhook_deliveries_log ON mr_webhook_deliveries (webhook_id, id);
