create table threat (
  tenant text collate "C" not null,
  id text collate "C" not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  state text collate "C" not null,
  open boolean not null,
  last_at bigint not null,
  record text not null,
  primary key (tenant, id)
);

create index threat_by_subject on threat (tenant, kind, subject, open, last_at);
create index threat_by_time on threat (tenant, last_at);

create table block (
  tenant text collate "C" not null,
  network text collate "C" not null,
  until bigint not null,
  record text not null,
  primary key (tenant, network)
);
