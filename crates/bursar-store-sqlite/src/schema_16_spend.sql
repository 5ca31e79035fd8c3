-- What calls cost in all, so that no page adds up every call: by grant, key, model and day, with the
-- last word on each cost. A day is counted from 1970, and is UTC's.

CREATE TABLE spend (
    grant_id BLOB NOT NULL,
    key_id BLOB NOT NULL,
    model TEXT NOT NULL,
    day INTEGER NOT NULL,
    calls INTEGER NOT NULL CHECK (calls > 0),
    cost INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, key_id, model, day)
) STRICT, WITHOUT ROWID;

INSERT INTO spend (grant_id, key_id, model, day, calls, cost, last_at)
    SELECT grant_id, key_id, json_extract(body, '$.model'), ended_at / 86400000,
        COUNT(*), SUM(COALESCE(corrected, cost)), MAX(ended_at)
    FROM call GROUP BY 1, 2, 3, 4;

-- What calls took from each account in all, by day. A statement reads the transfers of a day only
-- where its period cuts the day, and of the others those that are no charges.

CREATE TABLE charged (
    account INTEGER NOT NULL REFERENCES account (id),
    day INTEGER NOT NULL,
    charges INTEGER NOT NULL CHECK (charges > 0),
    amount INTEGER NOT NULL CHECK (amount > 0),
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

INSERT INTO charged (account, day, charges, amount, first_at, last_at)
    SELECT debit, at / 86400000, COUNT(*), SUM(amount), MIN(at), MAX(at)
    FROM transfer WHERE kind IN ('charge', 'charge_lease') GROUP BY 1, 2;

CREATE INDEX transfer_out_but_charges ON transfer (debit, at, kind, amount)
    WHERE kind NOT IN ('charge', 'charge_lease');
