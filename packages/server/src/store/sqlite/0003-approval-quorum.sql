-- What several people said of one question (`answers` and `roles` are JSON), and which questions nothing more comes of.

alter table approval add column quorum integer not null default 1;
alter table approval add column roles text not null default '[]';
alter table approval add column answers text not null default '[]';

update approval set answers = json_array(json_object(
  'by', decided_by, 'approved', json(iif(state = 'denied', 'false', 'true')), 'reason', coalesce(answer, ''), 'at', decided_at, 'roles', json('[]')
)) where decided_by is not null;

alter table approval add column closed integer not null default 0;
create index approval_open on approval (tenant, expires_at) where closed = 0;

alter table approval drop column decided_by;
alter table approval drop column decided_at;
alter table approval drop column answer;
