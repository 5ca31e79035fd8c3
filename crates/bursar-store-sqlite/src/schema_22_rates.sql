-- Parts of rate limits: who has them, how much, and until when each counts. What is lent for a
-- stretch of a day is named after it; what was ended, after the instant.

CREATE TABLE rate_share (
    holder BLOB NOT NULL,
    program TEXT NOT NULL,
    class TEXT NOT NULL,
    measure TEXT NOT NULL,
    borrower BLOB NOT NULL,
    stretch INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (0 < amount),
    -- How long it counts after its borrower has left, in milliseconds.
    counts_for INTEGER NOT NULL,
    ends_at INTEGER,
    free_at INTEGER,
    PRIMARY KEY (holder, program, class, measure, borrower, stretch)
) STRICT, WITHOUT ROWID;

CREATE INDEX rate_share_by_borrower ON rate_share (borrower) WHERE ends_at IS NULL;
CREATE INDEX rate_share_by_end ON rate_share (ends_at) WHERE ends_at IS NOT NULL;
