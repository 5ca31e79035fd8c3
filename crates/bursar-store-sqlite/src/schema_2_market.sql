-- The market: listings and trades.

CREATE TABLE listing (
    id BLOB PRIMARY KEY,
    seller BLOB NOT NULL,
    state TEXT NOT NULL,
    upstream_group TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    expires_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX listing_open ON listing (price, id) WHERE state = 'open';
CREATE INDEX listing_by_seller ON listing (seller);

CREATE TABLE trade (
    id BLOB PRIMARY KEY,
    listing BLOB NOT NULL,
    seller BLOB NOT NULL,
    buyer BLOB NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX trade_by_seller ON trade (seller);
CREATE INDEX trade_by_buyer ON trade (buyer);

-- What left lots other than for calls: few rows, so that calls pay nothing for it.
CREATE INDEX transfer_passed_on ON transfer (debit)
    WHERE kind IN ('sell', 'return', 'expire', 'suspend');
