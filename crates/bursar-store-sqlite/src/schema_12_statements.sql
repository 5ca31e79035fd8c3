-- What moved on an account, in its order: for statements, and for balances as they were. Charges
-- come in on two accounts only, which nobody asks about by the page, and so they pay for one index.

CREATE INDEX transfer_out ON transfer (debit, at, kind, amount);
CREATE INDEX transfer_in ON transfer (credit, at, kind, amount)
    WHERE kind NOT IN ('charge', 'charge_lease');

-- What was ever lent of a lot.
CREATE INDEX lease_ever_by_lender ON lease (lender);
