-- The worst that has entered each session, by its rank: 1 user, 2 untrusted.
create table taint (
  tenant text collate "C" not null,
  principal text collate "C" not null,
  session text collate "C" not null,
  taint smallint not null,
  primary key (tenant, principal, session)
);
