-- Requests that may be sent twice and are carried out once. Answers are sealed: they may show a secret.

CREATE TABLE idempotency_key (
    hash BYTEA PRIMARY KEY,
    asked BYTEA NOT NULL,
    node UUID NOT NULL,
    since BIGINT NOT NULL,
    status BIGINT,
    sealed BYTEA,
    version BIGINT NOT NULL,
    CHECK ((status IS NULL) = (sealed IS NULL))
);

CREATE INDEX idempotency_key_by_since ON idempotency_key (since);
