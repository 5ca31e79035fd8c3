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
