-- The tables of the embedded store, with the same columns and meanings. Every row has a tenant, and every statement names it;
-- where SQLite's files say which rows are the exceptions, they are so here. Times are milliseconds since 1970. Texts are
-- compared byte by byte, whatever the language of the database.

create table tree (
  tenant text collate "C" not null primary key,
  size bigint not null,
  epoch bigint not null
);

create table entry (
  tenant text collate "C" not null,
  idx bigint not null,
  type text not null,
  body text not null,
  leaf bytea not null,
  at bigint not null,
  primary key (tenant, idx)
);

-- Complete subtrees of level 1 and up; the leaves stand with their entries.
create table node (
  tenant text collate "C" not null,
  level integer not null,
  idx bigint not null,
  hash bytea not null,
  primary key (tenant, level, idx)
);

create table entry_key (
  tenant text collate "C" not null,
  name text collate "C" not null,
  idx bigint not null,
  primary key (tenant, name)
);

-- What lists and claims need of a private record; the record itself is the sum of its parts.
create table call (
  seq bigint generated always as identity primary key,
  tenant text collate "C" not null,
  id text collate "C" not null,
  call text collate "C",
  verdict text,
  status text,
  tool text collate "C",
  principal text collate "C",
  expires_at bigint,
  claimed_until bigint,
  unique (tenant, id)
);

create index call_by_seq on call (tenant, seq);
create index call_by_call on call (tenant, call, seq);
create index call_by_verdict on call (tenant, verdict, seq);
create index call_by_status on call (tenant, status, seq);
create index call_by_tool on call (tenant, tool, seq);
create index call_by_principal on call (tenant, principal, seq);
create index call_by_expiry on call (expires_at) where verdict = 'allow' and status is null;

create table call_part (
  seq bigint generated always as identity primary key,
  tenant text collate "C" not null,
  id text collate "C" not null,
  record text not null,
  -- The member of the record that is set to `idx`.
  member text,
  idx bigint not null
);

create index call_part_by_id on call_part (tenant, id, seq);

create table counted (
  place text collate "C" not null primary key,
  used bigint not null,
  -- When the last of it has left its window; null without a window.
  until bigint
);

create index counted_by_until on counted (until);

create table reservation (
  id text collate "C" not null primary key,
  place text collate "C" not null,
  at bigint not null,
  amount bigint not null,
  counts boolean not null,
  final boolean not null
);

create index reservation_by_age on reservation (place, at);
create index reservation_open on reservation (place, at) where not final and counts;

create table approval (
  seq bigint generated always as identity primary key,
  tenant text collate "C" not null,
  id text collate "C" not null,
  call text collate "C" not null,
  binding text collate "C" not null,
  masked text not null,
  why text not null,
  asked_at bigint not null,
  expires_at bigint not null,
  quorum integer not null,
  roles text not null,
  answers text not null,
  state text not null,
  closed boolean not null default false,
  unique (tenant, id),
  unique (tenant, call, binding)
);

create index approval_by_seq on approval (tenant, seq);
create index approval_by_state on approval (tenant, state, seq);
create index approval_open on approval (tenant, expires_at) where not closed;

-- Keys that wrap keys: `tenant`, `subject` and `index`, as core's seal says. `under` names the key that wraps it, and is empty
-- for the tenant's root.
create table vault_key (
  number bigint generated always as identity primary key,
  tenant text collate "C" not null,
  name text collate "C" not null,
  purpose text not null,
  -- The blind index of a living subject's key.
  subject text collate "C",
  wrapped bytea not null,
  under text collate "C" not null,
  made_at bigint not null,
  unique (tenant, name)
);

create index vault_key_by_purpose on vault_key (tenant, purpose, number);
create unique index vault_key_by_subject on vault_key (tenant, subject) where subject is not null;
create index vault_key_by_wrapper on vault_key (tenant, under);

create table vault_session (
  number bigint generated always as identity primary key,
  tenant text collate "C" not null,
  principal text collate "C" not null,
  session text collate "C" not null,
  wrapped bytea not null,
  under text collate "C" not null,
  about text not null,
  opened_at bigint not null,
  expires_at bigint not null,
  -- Milliseconds after its last use, and when it ends at the latest; null: as usual, and never.
  lifetime bigint,
  until bigint,
  unique (tenant, principal, session)
);

create index vault_session_by_expiry on vault_session (tenant, expires_at);
create index vault_session_by_wrapper on vault_session (tenant, under);
create index vault_session_by_number on vault_session (tenant, number);

create table vault_number (
  tenant text collate "C" not null,
  principal text collate "C" not null,
  session text collate "C" not null,
  kind text collate "C" not null,
  last bigint not null,
  primary key (tenant, principal, session, kind)
);

create table vault_pair (
  tenant text collate "C" not null,
  number bigint not null references vault_session on delete cascade,
  token text collate "C" not null,
  kind text collate "C" not null,
  identity text collate "C" not null,
  sealed bytea not null,
  kept_at bigint not null,
  primary key (number, token),
  unique (number, identity)
);

create index vault_pair_by_age on vault_pair (tenant, kind, kept_at);

create table policy_version (
  seq bigint generated always as identity primary key,
  tenant text collate "C" not null,
  id text collate "C" not null,
  version integer not null,
  digest text not null,
  -- SHA-256 of what makes two publications the same: the policies and the invariants.
  content text not null,
  text text not null,
  invariants text,
  form text,
  source text,
  published_at bigint not null,
  published_by text not null,
  unique (tenant, id, version),
  unique (tenant, id, content)
);

create index policy_version_by_digest on policy_version (tenant, digest);

-- `trail` is JSON: the versions that were active before.
create table policy_standing (
  tenant text collate "C" not null,
  id text collate "C" not null,
  active integer,
  locked boolean not null default false,
  deleted boolean not null default false,
  trail text not null default '[]',
  primary key (tenant, id),
  foreign key (tenant, id, active) references policy_version (tenant, id, version)
);

create table policy_generation (
  tenant text collate "C" not null primary key,
  generation bigint not null
);

create table policy_draft (
  tenant text collate "C" not null,
  id text collate "C" not null,
  revision integer not null,
  digest text not null,
  text text not null,
  invariants text,
  form text,
  source text,
  edited_at bigint not null,
  edited_by text not null,
  primary key (tenant, id)
);

-- `event` is JSON, with the reason that somebody gave in clear: only its salted digest is in the ledger.
create table policy_event (
  tenant text collate "C" not null,
  seq bigint not null,
  id text collate "C" not null,
  event text not null,
  told boolean not null default false,
  primary key (tenant, seq)
);

create index policy_event_by_set on policy_event (tenant, id, seq);
create index policy_event_untold on policy_event (tenant, seq) where not told;

create table principal (
  tenant text collate "C" not null,
  id text collate "C" not null,
  record text not null,
  primary key (tenant, id)
);

create table tool (
  tenant text collate "C" not null,
  name text collate "C" not null,
  record text not null,
  removed boolean not null default false,
  primary key (tenant, name)
);

-- The only place of e-mail addresses: all else refers to people by `id`; their roles stand with their principal.
create table person (
  tenant text collate "C" not null,
  id text collate "C" not null,
  email text collate "C" not null unique,
  password text not null,
  disabled boolean not null default false,
  created_at bigint not null,
  primary key (tenant, id)
);

create table session (
  tenant text collate "C" not null,
  id text collate "C" not null,
  person text collate "C" not null,
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  user_agent text,
  stepped_up_at bigint,
  primary key (tenant, id),
  foreign key (tenant, person) references person (tenant, id) on delete cascade
);

create index session_by_person on session (tenant, person);
create index session_by_expiry on session (expires_at);

create table refresh (
  hash text collate "C" not null primary key,
  tenant text collate "C" not null,
  session text collate "C" not null,
  used_at bigint,
  foreign key (tenant, session) references session (tenant, id) on delete cascade
);

create index refresh_by_session on refresh (tenant, session);

create table api_key (
  hash text collate "C" not null primary key,
  tenant text collate "C" not null,
  id text collate "C" not null,
  principal text collate "C" not null,
  name text not null,
  created_by text collate "C" not null,
  created_at bigint not null,
  expires_at bigint,
  seen_at bigint,
  revoked_at bigint,
  unique (tenant, id)
);

create table mark (
  name text collate "C" not null primary key,
  value text not null
);
