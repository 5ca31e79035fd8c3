-- Grants whose credit an officer took back, and what left lots other than for calls with that.

ALTER TABLE award_grant ADD COLUMN voided_at BIGINT;

CREATE INDEX award_grant_voided ON award_grant (expires_at) WHERE voided_at IS NOT NULL;

CREATE INDEX transfer_left ON transfer (debit)
    WHERE kind IN ('sell', 'return', 'expire', 'suspend', 'claw_back', 'void');
