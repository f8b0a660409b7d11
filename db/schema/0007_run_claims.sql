-- Claims of a large tick (docs/decisions/0040). A row of the ledger for each would be written
-- twice within milliseconds, with its claim and with its outcome. Here one row keeps them all;
-- each gets its row in tstp_systemtask_run with its outcome, or at the next tick, or, after a
-- crash, at the next start.
create table tstp_systemtask_claim (
  claim_id      integer not null primary key,
  claimed_at_us bigint  not null,
  business_date integer not null,
  runs          text    not null  -- JSON: [[nominal_us, task_id, run_id], ...]
);

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
