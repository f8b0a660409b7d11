-- How many threads an operator gave to a lane (docs/decisions/0041). It counts as long as the
-- configuration gives the lane as many as it did then.
create table tstp_systemtask_lane (
  priority           integer not null primary key,
  threads            bigint  not null check (threads >= 1),
  configured_threads bigint  not null check (configured_threads >= 1)
);
