-- What calls cost in all, so that no page adds up every call: by grant, key, model and day, with the
-- last word on each cost. A day is counted from 1970, and is UTC's.

CREATE TABLE spend (
    grant_id UUID NOT NULL,
    key_id UUID NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    calls BIGINT NOT NULL CHECK (calls > 0),
    cost BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (grant_id, key_id, model, day)
) WITH (fillfactor = 50);

INSERT INTO spend (grant_id, key_id, model, day, calls, cost, last_at)
    SELECT grant_id, key_id, body::JSON ->> 'model', ended_at / 86400000,
        COUNT(*), SUM(COALESCE(corrected, cost))::BIGINT, MAX(ended_at)
    FROM call GROUP BY 1, 2, 3, 4;

-- What calls took from each account in all, by day. A statement reads the transfers of a day only
-- where its period cuts the day, and of the others those that are no charges.

CREATE TABLE charged (
    account BIGINT NOT NULL REFERENCES account (id),
    day BIGINT NOT NULL,
    charges BIGINT NOT NULL CHECK (charges > 0),
    amount BIGINT NOT NULL CHECK (amount > 0),
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (account, day)
) WITH (fillfactor = 50);

INSERT INTO charged (account, day, charges, amount, first_at, last_at)
    SELECT debit, at / 86400000, COUNT(*), SUM(amount)::BIGINT, MIN(at), MAX(at)
    FROM transfer WHERE kind IN ('charge', 'charge_lease') GROUP BY 1, 2;

CREATE INDEX transfer_out_but_charges ON transfer (debit, at) INCLUDE (kind, amount)
    WHERE kind NOT IN ('charge', 'charge_lease');
