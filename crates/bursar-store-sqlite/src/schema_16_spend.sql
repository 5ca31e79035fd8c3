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
