-- The worst that has entered each session, by its rank: 1 user, 2 untrusted.
create table taint (
  tenant text not null,
  principal text not null,
  session text not null,
  taint integer not null,
  primary key (tenant, principal, session)
) strict, without rowid;
