-- Authenticates a question under a key that the database does not have; each answer has its own.

alter table approval add column mac text;
