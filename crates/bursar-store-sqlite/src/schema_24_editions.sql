-- Editions of programs, as their files said them: what began under one goes on under it.

CREATE TABLE edition (
    program TEXT NOT NULL,
    edition INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (program, edition)
) STRICT, WITHOUT ROWID;
