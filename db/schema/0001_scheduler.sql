-- The scheduler's two tables. Instants are microseconds since 1970 in UTC; business dates
-- are YYYYMMDD, 0 where the date of an occurrence is not known.

-- Every scheduled task: what its configuration says, for people and other programs to
-- read, and what must survive a restart.
create table tstp_systemtask (
  task_id       bigint       not null primary key,
  task_name     varchar(128) not null unique,
  function_name varchar(128) not null,
  priority      integer      not null,
  schedule      text         not null,
  parameters    text         not null,
  task_status   varchar(16)  not null check (task_status in ('enabled', 'disabled')),
  watermark_us  bigint       not null,  -- occurrences up to here have been dealt with
  next_due_us   bigint,                 -- NULL: none
  pause_reason  text,
  pause_actor   varchar(128),
  paused_at_us  bigint,                 -- NULL: not paused
  check ((paused_at_us is null) = (pause_reason is null)),
  check ((paused_at_us is null) = (pause_actor is null))
);

-- One row for each run; or for consecutive occurrences missed for one reason, nominal_us
-- to last_nominal_us. run_key is 0 for what the schedule made, so that (task, nominal
-- time) is unique there, and the run's id for what people and events asked for. The key
-- begins with the time: a tick's rows lie side by side.
create table tstp_systemtask_run (
  nominal_us      bigint       not null,
  task_id         bigint       not null,
  run_key         bigint       not null,
  run_id          bigint       not null,
  run_trigger     varchar(16)  not null
    check (run_trigger in ('schedule', 'manual', 'event', 'after')),
  run_state       varchar(24)  not null
    check (run_state in ('claimed', 'waiting', 'succeeded', 'failed', 'timed_out', 'abandoned',
                         'cancelled', 'skipped_overlap', 'skipped_lane_full', 'skipped_window',
                         'skipped_paused', 'skipped_late', 'coalesced', 'held', 'refused',
                         'lost')),
  business_date   integer      not null,
  attempt         integer      not null check (attempt >= 1),
  last_nominal_us bigint       not null,
  missed_count    bigint       not null check (missed_count >= 1),
  claimed_at_us   bigint       not null,
  started_at_us   bigint,
  finished_at_us  bigint,
  detail          text         not null,
  actor           varchar(128) not null,
  primary key (nominal_us, task_id, run_key),
  check (last_nominal_us >= nominal_us),
  check ((run_trigger = 'schedule') = (run_key = 0)),
  -- An outcome has its time, and what is open has none.
  check ((run_state in ('claimed', 'waiting')) = (finished_at_us is null))
) without rowid;

-- "The runs of task X, latest first", and "what accounts for X at 08:30".
create index tstp_systemtask_run_of_task on tstp_systemtask_run (task_id, nominal_us);
-- A run by its id; ids grow with time, so that this index grows at its end only.
create index tstp_systemtask_run_by_id on tstp_systemtask_run (run_id);
-- What a crash left open is found at once, however long the ledger. Databases without
-- partial indexes take the whole column.
create index tstp_systemtask_run_open on tstp_systemtask_run (nominal_us)
  where run_state in ('claimed', 'waiting');
