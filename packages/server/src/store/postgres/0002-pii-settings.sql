create table pii_settings (
  tenant text collate "C" not null primary key,
  revision bigint not null,
  record text not null
);
