-- A set's versions with their texts in columns, so that lists need not read them; how each set stands; what is being
-- written; and what happened, until the audit log was told.

create table policy_version (
  seq integer not null primary key,
  tenant text not null,
  id text not null,
  version integer not null,
  digest text not null,
  -- SHA-256 of what makes two publications the same: the policies and the invariants.
  content text not null,
  text text not null,
  invariants text,
  form text,
  source text,
  published_at integer not null,
  published_by text not null,
  unique (tenant, id, version),
  unique (tenant, id, content)
) strict;

insert into policy_version (seq, tenant, id, version, digest, content, text, form, source, published_at, published_by)
  select seq, tenant, id, version, digest, digest, record ->> '$.text', record ->> '$.source.form', record ->> '$.source.json',
    record ->> '$.publishedAt', record ->> '$.publishedBy' from policy_set;

create index policy_version_by_digest on policy_version (tenant, digest);

-- `trail` is JSON: the versions that were active before.
create table policy_standing (
  tenant text not null,
  id text not null,
  active integer,
  locked integer not null default 0,
  deleted integer not null default 0,
  trail text not null default '[]',
  primary key (tenant, id),
  foreign key (tenant, id, active) references policy_version (tenant, id, version)
) strict, without rowid;

insert into policy_standing (tenant, id, active)
  select tenant, id, max(case when active = 1 then version end) from policy_set group by tenant, id;

drop table policy_set;

create table policy_generation (
  tenant text not null primary key,
  generation integer not null
) strict, without rowid;

create table policy_draft (
  tenant text not null,
  id text not null,
  revision integer not null,
  digest text not null,
  text text not null,
  invariants text,
  form text,
  source text,
  edited_at integer not null,
  edited_by text not null,
  primary key (tenant, id)
) strict, without rowid;

-- `event` is JSON, with the reason that somebody gave in clear: only its salted digest is in the ledger.
create table policy_event (
  tenant text not null,
  seq integer not null,
  id text not null,
  event text not null,
  told integer not null default 0,
  primary key (tenant, seq)
) strict, without rowid;

create index policy_event_by_set on policy_event (tenant, id, seq);
create index policy_event_untold on policy_event (tenant, seq) where told = 0;

alter table session add column stepped_up_at integer;
