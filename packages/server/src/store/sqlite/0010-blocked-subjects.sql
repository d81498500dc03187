alter table block rename column network to subject;

update block set
  subject = 'network:' || subject,
  record = json_remove(json_set(record, '$.subject', 'network:' || subject), '$.network');
