-- Keys that wrap keys: `tenant`, `subject` and `index`, as core's seal says. `wrapped` is overwritten in place when a key is
-- destroyed, so that no copy of it stays in a page; `under` names the key that wraps it, and is empty for the tenant's root.
create table vault_key (
  number integer not null primary key,
  tenant text not null,
  name text not null,
  purpose text not null,
  -- The blind index of a living subject's key.
  subject text,
  wrapped blob not null,
  under text not null,
  made_at integer not null,
  unique (tenant, name)
) strict;

create index vault_key_by_purpose on vault_key (tenant, purpose, number);
create unique index vault_key_by_subject on vault_key (tenant, subject) where subject is not null;
create index vault_key_by_wrapper on vault_key (tenant, under);

alter table vault_session add column under text not null default '';
alter table vault_session add column about text not null default '{}';
alter table vault_session add column opened_at integer not null default 0;
-- Milliseconds after its last use, and when it ends at the latest; null: as usual, and never.
alter table vault_session add column lifetime integer;
alter table vault_session add column until integer;
update vault_session set opened_at = unixepoch() * 1000;

create index vault_session_by_wrapper on vault_session (tenant, under) where expires_at > 0;
create index vault_session_by_number on vault_session (tenant, number) where expires_at > 0;

alter table vault_pair add column kept_at integer not null default 0;
update vault_pair set kept_at = unixepoch() * 1000;

create index vault_pair_by_age on vault_pair (tenant, kind, kept_at);
