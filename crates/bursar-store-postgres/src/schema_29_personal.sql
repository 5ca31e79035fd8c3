-- What is somebody's own is found by whose it is.

CREATE INDEX review_by_reviewer ON review (reviewer, id);
CREATE INDEX mail_by_recipient ON mail (recipient, id);
CREATE INDEX audit_line_by_actor ON audit_line (actor, id);
CREATE INDEX audit_line_by_subject ON audit_line (subject, id);
