-- Of which answers of people any one is enough, as JSON.

alter table approval add column ways text not null default '[]';
