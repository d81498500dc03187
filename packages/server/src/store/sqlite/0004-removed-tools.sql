-- A tool that was removed stays known by what it was, so that removing it is no way round the quarantine of a change.

alter table tool add column removed integer not null default 0;
