-- What is to be sent to webhooks, and what became of it. A row is written in the transaction of the change that it tells of.
CREATE TABLE IF NOT EXISTS "mr_webhook_deliveries" (
  "id" bigint NOT NULL AUTO_INCREMENT,
  "delivery_id" varchar(36) NOT NULL,
  "webhook_id" varchar(256) NOT NULL,
  "workspace" varchar(63) NOT NULL,
  "model_name" varchar(256) NOT NULL,
  "entity" varchar(50) NOT NULL,
  "action" varchar(50) NOT NULL,
  "payload" mediumtext NOT NULL,
  "state" varchar(20) NOT NULL,
  "attempts" int NOT NULL,
  "attempts_before" int NOT NULL,
  "creation_time" bigint NOT NULL,
  "due_time" bigint NOT NULL,
  "completion_time" bigint DEFAULT NULL,
  "owner" varchar(36) DEFAULT NULL,
  "response_status" int DEFAULT NULL,
  "error" varchar(500) DEFAULT NULL,
  PRIMARY KEY ("id"),
  UNIQUE KEY "mr_webhook_deliveries_delivery" ("delivery_id"),
  KEY "mr_webhook_deliveries_queue" ("state","webhook_id","workspace","model_name","id"),
  KEY "mr_webhook_deliveries_log" ("webhook_id","id")
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
