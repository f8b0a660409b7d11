-- What operators ask of steps (docs/decisions/0060, 0061), kept over a restart.

-- Nothing of the task starts for that business date, and what comes after it goes on.
create table tstp_systemtask_skip (
  task_id       bigint       not null,
  business_date integer      not null,
  actor         varchar(128) not null,
  reason        text         not null,
  made_at_us    bigint       not null,
  primary key (task_id, business_date)
);

-- The latest backfills, with what came of each of their dates.
create table tstp_systemtask_backfill (
  backfill_id  bigint       not null primary key,
  target_kind  varchar(8)   not null check (target_kind = 'task' or target_kind = 'group'),
  target_name  varchar(128) not null,
  concurrency  integer      not null check (concurrency >= 1),
  reason       text         not null,
  actor        varchar(128) not null,
  begun_at_us  bigint       not null,
  ended_at_us  bigint,                    -- NULL: under way, or lost with its service
  cancelled_by varchar(128),              -- NULL: nobody cancelled it
  check (cancelled_by is null or ended_at_us is null or ended_at_us >= begun_at_us)
);
create table tstp_systemtask_backfill_date (
  backfill_id   bigint      not null,
  business_date integer     not null,
  steps         integer     not null check (steps >= 1),
  ended         integer     not null check (ended >= 0),
  succeeded     integer     not null check (succeeded >= 0),
  failed_run_id bigint,                   -- the first of its runs that did not succeed
  failed_task   varchar(128),
  failed_state  varchar(24),
  failed_detail text,
  primary key (backfill_id, business_date),
  check (ended <= steps and succeeded <= ended)
);

drop view tstp_systemtask_run_all;
drop view tstp_systemtask_run_claimed;
drop index tstp_systemtask_run_by_id;
drop index tstp_systemtask_run_open;
drop index tstp_systemtask_run_missed;
alter table tstp_systemtask_run rename to tstp_systemtask_run_0011;
-- As before, and a run may be one that somebody had made once more. run_key is 0, or below where
-- times came again, for what the schedule made, and the run's id for everything else.
create table tstp_systemtask_run (
  nominal_us      bigint       not null,
  task_id         bigint       not null,
  run_key         bigint       not null,
  run_id          bigint       not null,
  run_trigger     varchar(16)  not null
    check (run_trigger = 'schedule' or run_trigger = 'event' or run_trigger = 'after'
           or run_trigger = 'manual' or run_trigger = 'backfill'
           or run_trigger = 'rerun'),
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
  check ((run_trigger = 'schedule') = (run_key <= 0)),
  -- An outcome has its time, and what is open has none.
  check ((run_state = 'claimed' or run_state = 'waiting') = (finished_at_us is null))
) without rowid;
insert into tstp_systemtask_run
  select nominal_us, task_id, run_key, run_id, run_trigger, run_state, business_date, attempt,
         last_nominal_us, missed_count, claimed_at_us, started_at_us, finished_at_us, detail, actor
  from tstp_systemtask_run_0011 order by nominal_us, task_id, run_key;
drop table tstp_systemtask_run_0011;

create index tstp_systemtask_run_by_id on tstp_systemtask_run (run_id);
create index tstp_systemtask_run_open on tstp_systemtask_run (nominal_us)
  where run_state = 'claimed' or run_state = 'waiting';
create index tstp_systemtask_run_missed on tstp_systemtask_run (task_id, run_key, nominal_us)
  where missed_count > 1;

-- The runs that only a claim knows of, as rows of the ledger. (With the types of its columns,
-- or the view of both would be sorted as a whole for each question.)
create view tstp_systemtask_run_claimed as
  select c.nominal_us, c.task_id, cast(0 as bigint) as run_key, c.run_id,
         cast('schedule' as text) as run_trigger, cast('claimed' as text) as run_state,
         c.business_date, cast(1 as integer) as attempt, c.nominal_us as last_nominal_us,
         cast(1 as bigint) as missed_count, c.claimed_at_us,
         cast(null as bigint) as started_at_us, cast(null as bigint) as finished_at_us,
         cast('' as text) as detail, cast('' as text) as actor
  from (select cast(json_extract(one.value, '$[0]') as bigint) as nominal_us,
               cast(json_extract(one.value, '$[1]') as bigint) as task_id,
               cast(json_extract(one.value, '$[2]') as bigint) as run_id,
               claim.claimed_at_us, claim.business_date
        from tstp_systemtask_claim claim, json_each(claim.runs) one) c
  where not exists (select 1 from tstp_systemtask_run r
                    where r.nominal_us = c.nominal_us and r.task_id = c.task_id
                      and r.run_key = 0);

-- Every run that the ledger knows of.
create view tstp_systemtask_run_all as
  select * from tstp_systemtask_run union all select * from tstp_systemtask_run_claimed;
