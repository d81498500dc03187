-- Every row has a tenant, and every statement names it. The keys of `counted` and `reservation` begin with the tenant;
-- `mark` is about the whole folder; `refresh` and `api_key` are found by the hash of a secret, which names the tenant.

create table tree (
  tenant text not null primary key,
  size integer not null,
  epoch integer not null
) strict, without rowid;

create table entry (
  tenant text not null,
  idx integer not null,
  type text not null,
  body text not null,
  leaf blob not null,
  at integer not null,
  unique (tenant, idx)
) strict;

-- Complete subtrees of level 1 and up; the leaves stand with their entries.
create table node (
  tenant text not null,
  level integer not null,
  idx integer not null,
  hash blob not null,
  primary key (tenant, level, idx)
) strict, without rowid;

create table entry_key (
  tenant text not null,
  name text not null,
  idx integer not null,
  primary key (tenant, name)
) strict, without rowid;

-- What lists and claims need of a private record; the record itself is the sum of its parts.
create table call (
  seq integer not null primary key,
  tenant text not null,
  id text not null,
  call text,
  verdict text,
  status text,
  tool text,
  principal text,
  expires_at integer,
  claimed_until integer,
  unique (tenant, id)
) strict;

create index call_by_call on call (tenant, call, seq);
create index call_by_verdict on call (tenant, verdict, seq);
create index call_by_status on call (tenant, status, seq);
create index call_by_tool on call (tenant, tool, seq);
create index call_by_principal on call (tenant, principal, seq);
create index call_by_expiry on call (expires_at) where verdict = 'allow' and status is null;

create table call_part (
  tenant text not null,
  id text not null,
  record text not null,
  -- The member of the record that is set to `idx`.
  member text,
  idx integer not null
) strict;

create index call_part_by_id on call_part (tenant, id);

create table counted (
  place text not null primary key,
  used integer not null,
  -- When the last of it has left its window; null without a window.
  until integer
) strict, without rowid;

create index counted_by_until on counted (until);

create table reservation (
  id text not null primary key,
  place text not null,
  at integer not null,
  amount integer not null,
  counts integer not null,
  final integer not null
) strict, without rowid;

create index reservation_by_age on reservation (place, at);
create index reservation_open on reservation (place, at) where final = 0 and counts = 1;

create table approval (
  seq integer not null primary key,
  tenant text not null,
  id text not null,
  call text not null,
  binding text not null,
  masked text not null,
  why text not null,
  asked_at integer not null,
  expires_at integer not null,
  state text not null,
  decided_by text,
  decided_at integer,
  answer text,
  unique (tenant, id),
  unique (tenant, call, binding)
) strict;

create index approval_by_state on approval (tenant, state, seq);

-- `wrapped` is overwritten in place when a session is forgotten, so that no copy of it stays in a page.
create table vault_session (
  number integer not null primary key,
  tenant text not null,
  principal text not null,
  session text not null,
  wrapped blob not null,
  expires_at integer not null
) strict;

create unique index vault_session_by_owner on vault_session (tenant, principal, session) where expires_at > 0;
create index vault_session_by_expiry on vault_session (expires_at) where expires_at > 0;

create table vault_number (
  tenant text not null,
  principal text not null,
  session text not null,
  kind text not null,
  last integer not null,
  primary key (tenant, principal, session, kind)
) strict, without rowid;

create table vault_pair (
  tenant text not null,
  number integer not null references vault_session,
  token text not null,
  kind text not null,
  identity text not null,
  sealed blob not null,
  unique (tenant, number, token),
  unique (tenant, number, identity)
) strict;

create table policy_set (
  seq integer not null primary key,
  tenant text not null,
  id text not null,
  version integer not null,
  digest text not null,
  record text not null,
  active integer not null default 0,
  unique (tenant, id, version),
  unique (tenant, id, digest)
) strict;

create index policy_by_digest on policy_set (tenant, digest);
create unique index policy_active on policy_set (tenant, id) where active = 1;

create table principal (
  tenant text not null,
  id text not null,
  record text not null,
  primary key (tenant, id)
) strict, without rowid;

create table tool (
  tenant text not null,
  name text not null,
  record text not null,
  primary key (tenant, name)
) strict, without rowid;

-- The only place of e-mail addresses: signing in looks them up in plain, as a blind index beside the address itself would
-- hide nothing. All else refers to people by `id`; their roles stand with their principal.
create table user (
  tenant text not null,
  id text not null,
  email text not null unique,
  password text not null,
  disabled integer not null default 0,
  created_at integer not null,
  primary key (tenant, id)
) strict;

create table session (
  tenant text not null,
  id text not null,
  user text not null,
  created_at integer not null,
  seen_at integer not null,
  expires_at integer not null,
  revoked_at integer,
  user_agent text,
  primary key (tenant, id),
  foreign key (tenant, user) references user (tenant, id) on delete cascade
) strict;

create index session_by_user on session (tenant, user);

create table refresh (
  hash text not null primary key,
  tenant text not null,
  session text not null,
  used_at integer,
  foreign key (tenant, session) references session (tenant, id) on delete cascade
) strict, without rowid;

create index refresh_by_session on refresh (tenant, session);

create table api_key (
  hash text not null primary key,
  tenant text not null,
  id text not null,
  principal text not null,
  name text not null,
  created_by text not null,
  created_at integer not null,
  expires_at integer,
  seen_at integer,
  revoked_at integer,
  unique (tenant, id)
) strict, without rowid;

create table mark (
  name text not null primary key,
  value text not null
) strict, without rowid;
