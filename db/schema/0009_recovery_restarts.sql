-- What a recovery must know again after a restart of the service: how often site and platform
-- differed, how long the site before (from_site) is not to be asked, and a hand-over under way
-- (from and to are numbers of sites; 0: any).
alter table algojr_trecovery add column disagreements integer not null default 0;
alter table algojr_trecovery add column held_ms bigint not null default 0;
alter table algojr_trecovery add column moving integer not null default 0;
alter table algojr_trecovery add column move_from integer not null default 0;
alter table algojr_trecovery add column move_to integer not null default 0;
-- What is under way is found at start, however many there have been.
create index algojr_trecovery_running on algojr_trecovery (attempt_id)
  where outcome = 'running';
