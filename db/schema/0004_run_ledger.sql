-- The run ledger at speed (docs/decisions/0017). What changes: watermarks move to a narrow
-- table of their own; the runs of a task are found by an index that is written behind; and
-- the checks compare in turn, the most frequent states first, since a list of constants
-- costs SQLite a temporary table for each row.

alter table tstp_systemtask rename to tstp_systemtask_0003;
create table tstp_systemtask (
  task_id       bigint       not null primary key,
  task_name     varchar(128) not null,
  function_name varchar(128) not null,
  priority      integer      not null,
  schedule      text         not null,
  parameters    text         not null,
  task_status   varchar(16)  not null check (task_status in ('enabled', 'disabled')),
  pause_reason  text,
  pause_actor   varchar(128),
  paused_at_us  bigint,                 -- NULL: not paused
  check ((paused_at_us is null) = (pause_reason is null)),
  check ((paused_at_us is null) = (pause_actor is null))
) without rowid;
insert into tstp_systemtask
  select task_id, task_name, function_name, priority, schedule, parameters, task_status,
         pause_reason, pause_actor, paused_at_us
  from tstp_systemtask_0003 order by task_id;

-- How far each task's schedule has been dealt with. Moved with every claim, so its rows are
-- short: two hundred tasks share a page.
create table tstp_systemtask_due (
  task_id      bigint not null primary key,
  watermark_us bigint not null,  -- occurrences up to here have been dealt with
  next_due_us  bigint            -- NULL: none
) without rowid;
insert into tstp_systemtask_due
  select task_id, watermark_us, next_due_us from tstp_systemtask_0003 order by task_id;
drop table tstp_systemtask_0003;
create unique index tstp_systemtask_by_name on tstp_systemtask (task_name);

drop index tstp_systemtask_run_of_task;
drop index tstp_systemtask_run_by_id;
drop index tstp_systemtask_run_open;
alter table tstp_systemtask_run rename to tstp_systemtask_run_0003;
-- One row for each run; or for consecutive occurrences missed for one reason, nominal_us
-- to last_nominal_us. run_key is 0 for what the schedule made, so that (task, nominal
-- time) is unique there, and the run's id for everything else. The key begins with the
-- time: a tick's rows lie side by side.
create table tstp_systemtask_run (
  nominal_us      bigint       not null,
  task_id         bigint       not null,
  run_key         bigint       not null,
  run_id          bigint       not null,
  run_trigger     varchar(16)  not null
    check (run_trigger = 'schedule' or run_trigger = 'event' or run_trigger = 'after'
           or run_trigger = 'manual' or run_trigger = 'backfill'),
  run_state       varchar(24)  not null
    check (run_state = 'claimed' or run_state = 'succeeded' or run_state = 'failed'
           or run_state = 'skipped_overlap' or run_state = 'waiting' or run_state = 'timed_out'
           or run_state = 'abandoned' or run_state = 'cancelled'
           or run_state = 'skipped_lane_full' or run_state = 'skipped_window'
           or run_state = 'skipped_paused' or run_state = 'skipped_late'
           or run_state = 'skipped_step' or run_state = 'coalesced' or run_state = 'held'
           or run_state = 'refused' or run_state = 'lost'),
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
  check ((run_state = 'claimed' or run_state = 'waiting') = (finished_at_us is null))
) without rowid;
insert into tstp_systemtask_run
  select nominal_us, task_id, run_key, run_id, run_trigger, run_state, business_date, attempt,
         last_nominal_us, missed_count, claimed_at_us, started_at_us, finished_at_us, detail, actor
  from tstp_systemtask_run_0003 order by nominal_us, task_id, run_key;
drop table tstp_systemtask_run_0003;

-- A run by its id; ids grow with time, so that this index grows at its end only.
create index tstp_systemtask_run_by_id on tstp_systemtask_run (run_id);
-- What a crash left open is found at once, however long the ledger; and the row of several
-- missed occurrences that covers a time. Databases without partial indexes take the whole
-- columns.
create index tstp_systemtask_run_open on tstp_systemtask_run (nominal_us)
  where run_state = 'claimed' or run_state = 'waiting';
create index tstp_systemtask_run_missed on tstp_systemtask_run (task_id, nominal_us)
  where missed_count > 1;

-- The runs of a task. An index of the table would cost a page for each run; this one is
-- written in large steps, in the order of its key. Rows of the ledger with a nominal time up
-- to indexed_us are in it; later ones are few, and found in the ledger itself.
create table tstp_systemtask_run_of_task (
  task_id    bigint not null,
  nominal_us bigint not null,
  run_key    bigint not null,
  primary key (task_id, nominal_us, run_key)
) without rowid;
create table tstp_systemtask_run_indexed (
  only_row   integer not null primary key check (only_row = 1),
  indexed_us bigint  not null
);
insert into tstp_systemtask_run_of_task
  select task_id, nominal_us, run_key from tstp_systemtask_run
  order by task_id, nominal_us, run_key;
insert into tstp_systemtask_run_indexed
  select 1, coalesce(max(nominal_us), 0) from tstp_systemtask_run;
