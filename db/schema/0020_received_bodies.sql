-- The body of a message as it was received, where an operator has edited it since; empty: as it is
-- in `body`. A repeat of the message is compared with what was received.
alter table algojr_tmessage add column received_body text not null default '';
alter table algojr_thismessage add column received_body text;
