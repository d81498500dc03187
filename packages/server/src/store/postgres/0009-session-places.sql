-- Where a session was last seen, as JSON, roughly: a country, and whole degrees.

alter table session add column place text;
alter table session add column placed_at bigint;
