create table access_grant (
  tenant text collate "C" not null,
  id text collate "C" not null,
  holder text collate "C" not null,
  parent text collate "C",
  issued_at bigint not null,
  revoked_at bigint,
  record text not null,
  primary key (tenant, id)
);

create index access_grant_by_time on access_grant (tenant, issued_at, id);
create index access_grant_by_holder on access_grant (tenant, holder, issued_at, id);
