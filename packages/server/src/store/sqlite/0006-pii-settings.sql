create table pii_settings (
  tenant text not null primary key,
  revision integer not null,
  record text not null
) strict, without rowid;
