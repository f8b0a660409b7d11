-- What people ask of runs (docs/decisions/0064): what they printed, who asked for them and with
-- what, what tasks were called and did before they changed, and an index of what is unusual.

-- What an attempt of a run printed. Run ids grow with time, so that new rows lie at the end; the
-- numbers come before the text, so that they are read without it.
create table tstp_systemtask_run_output (
  run_id      bigint  not null,
  attempt     integer not null check (attempt >= 1),
  total_bytes bigint  not null,  -- it printed
  cut_bytes   bigint  not null,  -- of these, left out
  kept_bytes  bigint  not null,  -- size of the text
  output      text    not null,
  primary key (run_id, attempt),
  check (total_bytes >= cut_bytes and cut_bytes >= 0 and kept_bytes >= 0)
);

-- Of runs that somebody asked for: why, and the parameters of that run, where it had its own. A
-- run without rows here had the parameters of its task.
create table tstp_systemtask_run_request (
  run_id bigint not null primary key,
  reason text   not null
);
create table tstp_systemtask_run_parameter (
  run_id bigint       not null,
  name   varchar(128) not null,
  value  text         not null,
  primary key (run_id, name)
);

-- What a task was until its definition changed, or until it left the configuration.
create table tstp_systemtask_former (
  task_id       bigint       not null,
  until_us      bigint       not null,
  task_name     varchar(128) not null,
  function_name varchar(128) not null,
  priority      integer      not null,
  schedule      text         not null,
  parameters    text         not null,
  task_status   varchar(16)  not null check (task_status = 'enabled' or task_status = 'disabled'),
  primary key (task_id, until_us)
);

-- Runs that are not what millions are: scheduled, begun within a minute of their time, succeeded.
-- What these are asked by is in the index itself. Databases without partial indexes take a table
-- that is written with each outcome of this kind.
create index tstp_systemtask_run_unusual on tstp_systemtask_run
  (nominal_us, task_id, run_key, run_id, run_state, run_trigger, claimed_at_us, started_at_us,
   finished_at_us)
  where finished_at_us is not null
    and (run_state <> 'succeeded' or run_trigger <> 'schedule' or started_at_us is null
         or started_at_us < nominal_us or started_at_us > nominal_us + 60000000);
