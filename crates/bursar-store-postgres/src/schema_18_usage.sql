-- What calls used in all, so that nothing that a machine asks adds up every call: by grant, hour, key,
-- model, endpoint and service tier. An hour is counted from 1970. One call counts a trillion of
-- anything at the most. Images were not counted by earlier releases.

CREATE TABLE usage_hour (
    grant_id UUID NOT NULL,
    hour BIGINT NOT NULL,
    key_id UUID NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    endpoint TEXT COLLATE "C" NOT NULL,
    tier TEXT COLLATE "C" NOT NULL,
    calls BIGINT NOT NULL CHECK (calls > 0),
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    audio_in BIGINT NOT NULL,
    image_in BIGINT NOT NULL,
    output BIGINT NOT NULL,
    audio_out BIGINT NOT NULL,
    image_out BIGINT NOT NULL,
    characters BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    images BIGINT NOT NULL,
    PRIMARY KEY (grant_id, hour, key_id, model, endpoint, tier)
) WITH (fillfactor = 50);

INSERT INTO usage_hour
    SELECT grant_id, ended_at / 3600000, key_id, body::JSON ->> 'model',
        body::JSON ->> 'endpoint', body::JSON ->> 'tier', COUNT(*),
        SUM(LEAST(COALESCE(used.input, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.cached, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.cache_write, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.audio_in, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.image_in, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.output, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.audio_out, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.image_out, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.characters, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.seconds, 0), 1000000000000))::BIGINT,
        SUM(LEAST(COALESCE(used.images, 0), 1000000000000))::BIGINT
    FROM call CROSS JOIN LATERAL json_to_record(body::JSON -> 'usage') AS used (
        input NUMERIC, cached NUMERIC, cache_write NUMERIC, audio_in NUMERIC, image_in NUMERIC,
        output NUMERIC, audio_out NUMERIC, image_out NUMERIC, characters NUMERIC,
        seconds NUMERIC, images NUMERIC)
    GROUP BY 1, 2, 3, 4, 5, 6;

-- Minutes are read from the calls themselves.
CREATE INDEX call_by_end ON call (grant_id, ended_at);
