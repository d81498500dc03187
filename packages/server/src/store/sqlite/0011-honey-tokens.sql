create table honey_token (
  tenant text not null,
  id text not null,
  planted_at integer not null,
  retired_at integer,
  record text not null,
  primary key (tenant, id)
) strict, without rowid;
