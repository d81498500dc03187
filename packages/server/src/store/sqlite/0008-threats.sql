create table threat (
  tenant text not null,
  id text not null,
  kind text not null,
  subject text not null,
  state text not null,
  open integer not null,
  last_at integer not null,
  record text not null,
  primary key (tenant, id)
) strict, without rowid;

create index threat_by_subject on threat (tenant, kind, subject, open, last_at);
create index threat_by_time on threat (tenant, last_at);

create table block (
  tenant text not null,
  network text not null,
  until integer not null,
  record text not null,
  primary key (tenant, network)
) strict, without rowid;
