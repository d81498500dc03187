create table honey_token (
  tenant text collate "C" not null,
  id text collate "C" not null,
  planted_at bigint not null,
  retired_at bigint,
  record text not null,
  primary key (tenant, id)
);
