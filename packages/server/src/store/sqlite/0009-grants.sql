create table access_grant (
  tenant text not null,
  id text not null,
  holder text not null,
  parent text,
  issued_at integer not null,
  revoked_at integer,
  record text not null,
  primary key (tenant, id)
) strict, without rowid;

create index access_grant_by_time on access_grant (tenant, issued_at, id);
create index access_grant_by_holder on access_grant (tenant, holder, issued_at, id);
