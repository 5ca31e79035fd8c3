-- What calls used in all, so that nothing that a machine asks adds up every call: by grant, hour, key,
-- model, endpoint and service tier. An hour is counted from 1970. One call counts a trillion of
-- anything at the most. Images were not counted by earlier releases.

CREATE TABLE usage_hour (
    grant_id BLOB NOT NULL,
    hour INTEGER NOT NULL,
    key_id BLOB NOT NULL,
    model TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    tier TEXT NOT NULL,
    calls INTEGER NOT NULL CHECK (calls > 0),
    input INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    audio_in INTEGER NOT NULL,
    image_in INTEGER NOT NULL,
    output INTEGER NOT NULL,
    audio_out INTEGER NOT NULL,
    image_out INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    images INTEGER NOT NULL,
    PRIMARY KEY (grant_id, hour, key_id, model, endpoint, tier)
) STRICT, WITHOUT ROWID;

INSERT INTO usage_hour
    SELECT grant_id, ended_at / 3600000, key_id, json_extract(body, '$.model'),
        json_extract(body, '$.endpoint'), json_extract(body, '$.tier'), COUNT(*),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.input'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.cached'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.cache_write'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.audio_in'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.image_in'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.output'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.audio_out'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.image_out'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.characters'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.seconds'), 0), 1000000000000)),
        SUM(MIN(COALESCE(json_extract(body, '$.usage.images'), 0), 1000000000000))
    FROM call GROUP BY 1, 2, 3, 4, 5, 6;

-- Minutes are read from the calls themselves.
CREATE INDEX call_by_end ON call (grant_id, ended_at);
