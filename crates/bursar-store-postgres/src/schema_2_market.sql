-- The market: listings and trades.

CREATE TABLE listing (
    id UUID PRIMARY KEY,
    seller UUID NOT NULL,
    state TEXT NOT NULL,
    upstream_group TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price > 0),
    expires_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX listing_open ON listing (price, id) WHERE state = 'open';
CREATE INDEX listing_by_seller ON listing (seller);

CREATE TABLE trade (
    id UUID PRIMARY KEY,
    listing UUID NOT NULL,
    seller UUID NOT NULL,
    buyer UUID NOT NULL,
    body TEXT NOT NULL
);

CREATE INDEX trade_by_seller ON trade (seller);
CREATE INDEX trade_by_buyer ON trade (buyer);

-- What left lots other than for calls: few rows, so that calls pay nothing for it.
CREATE INDEX transfer_passed_on ON transfer (debit)
    WHERE kind IN ('sell', 'return', 'expire', 'suspend');
