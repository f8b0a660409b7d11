-- Attempts of runs that were followed by another, and what keeps tasks from starting.

-- The last attempt of a run is its row in tstp_systemtask_run, with the outcome. Run ids grow
-- with time, so that new rows lie at the end.
create table tstp_systemtask_attempt (
  run_id         bigint       not null,
  attempt        integer      not null check (attempt >= 1),
  attempt_state  varchar(24)  not null
    check (attempt_state = 'failed' or attempt_state = 'timed_out' or attempt_state = 'lost'),
  started_at_us  bigint,
  finished_at_us bigint       not null,
  next_at_us     bigint       not null,  -- when the next attempt was to begin
  detail         text         not null,
  primary key (run_id, attempt)
);

-- Pauses of groups and lanes, and windows of tasks, groups and lanes. The pause of a task is
-- in tstp_systemtask.
create table tstp_systemtask_hold (
  hold_id     bigint       not null primary key,
  target_kind varchar(8)   not null
    check (target_kind = 'task' or target_kind = 'group' or target_kind = 'lane'),
  target_name varchar(128) not null,
  from_us     bigint       not null,
  to_us       bigint,                    -- NULL: a pause, until somebody lifts it
  reason      text         not null,
  actor       varchar(128) not null,
  made_at_us  bigint       not null,
  check (to_us is null or to_us > from_us)
);
