-- Price tables: proposed, and from an instant on what calls are priced by.

CREATE TABLE price_table (
    name TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL
);
