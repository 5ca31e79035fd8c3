-- Price tables: proposed, and from an instant on what calls are priced by.

CREATE TABLE price_table (
    name TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
