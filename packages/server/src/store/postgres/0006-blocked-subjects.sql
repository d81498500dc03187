alter table block rename column network to subject;

update block set
  subject = 'network:' || subject,
  record = ((record::jsonb - 'network') || jsonb_build_object('subject', 'network:' || subject))::text;
