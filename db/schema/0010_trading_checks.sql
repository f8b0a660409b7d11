-- The tables of trading at speed (docs/decisions/0045): the checks of states compare in turn, the
-- frequent states first, since a list of three constants or more costs SQLite a temporary table
-- for each row that is written. Columns, keys and indices are what they were.

alter table algojr_tscheme rename to algojr_tscheme_0002;
create table algojr_tscheme (
  scheme_id         integer not null primary key,
  business_date     integer not null,
  last_date         integer not null,
  scheme_name       text    not null,
  strategy_name     text    not null,
  environment       text    not null,
  scheme_params     text    not null,
  scheme_status     char(1) not null
    check (scheme_status = '2' or scheme_status = 'h' or scheme_status = 'b'
           or scheme_status = '5' or scheme_status = '1' or scheme_status = '3'
           or scheme_status = '4' or scheme_status = '0' or scheme_status = '6'
           or scheme_status = '7' or scheme_status = '8' or scheme_status = '9'
           or scheme_status = 'a' or scheme_status = 'c' or scheme_status = 'd'
           or scheme_status = 'e' or scheme_status = 'f' or scheme_status = 'g'),
  saved_status      char(1) not null
    check (saved_status = '0' or saved_status = '2' or saved_status = '5'
           or saved_status = '1' or saved_status = '3' or saved_status = '4'
           or saved_status = '6' or saved_status = '7' or saved_status = '8'
           or saved_status = '9' or saved_status = 'a' or saved_status = 'b'
           or saved_status = 'c' or saved_status = 'd' or saved_status = 'e'
           or saved_status = 'f' or saved_status = 'g'),
  recover_phase     char(1) not null
    check (recover_phase = '-' or recover_phase = 'r' or recover_phase = 'o'
           or recover_phase = 'w'),
  site_no           integer not null check (site_no >= 0),
  session_no        bigint  not null check (session_no >= 0),
  epoch             bigint  not null check (epoch >= 1),
  last_line         bigint  not null check (last_line >= 0),
  applied_line      bigint  not null check (applied_line >= 0),
  skipped_lines     bigint  not null check (skipped_lines >= 0),
  quarantine_reason text    not null,
  created_by        text    not null,
  created_at        bigint  not null,
  status_at         bigint  not null,
  check (applied_line <= last_line),
  check ((scheme_status = 'h') = (recover_phase <> '-'))
);
insert into algojr_tscheme
  select scheme_id, business_date, last_date, scheme_name, strategy_name, environment,
         scheme_params, scheme_status, saved_status, recover_phase, site_no, session_no,
         epoch, last_line, applied_line, skipped_lines, quarantine_reason, created_by,
         created_at, status_at
  from algojr_tscheme_0002 order by scheme_id;
drop table algojr_tscheme_0002;

drop index algojr_tentrust_ordid;
alter table algojr_tentrust rename to algojr_tentrust_0002;
create table algojr_tentrust (
  entrust_id        integer not null primary key,
  scheme_id         bigint  not null,
  business_date     integer not null,
  market_no         integer not null,
  stock_code        text    not null,
  entrust_direction integer not null check (entrust_direction in (1, 2)),
  entrust_price     bigint  not null,
  entrust_amount    bigint  not null check (entrust_amount >= 0),
  entrust_no        text    not null,
  algo_ordid        text,
  cbentrust_id      bigint  not null,
  epoch             bigint  not null,
  confirmed         integer not null check (confirmed in (0, 1)),
  rejected          integer not null check (rejected in (0, 1)),
  cancel_pending    integer not null check (cancel_pending in (0, 1)),
  deal_amount       bigint  not null check (deal_amount >= 0),
  cancel_amount     bigint  not null check (cancel_amount >= 0),
  deal_balance      bigint  not null,
  revoke_cause      text    not null,
  entrust_state     char(1) not null
    check (entrust_state = '6' or entrust_state = '7' or entrust_state = '4'
           or entrust_state = '1' or entrust_state = '9' or entrust_state = '8'
           or entrust_state = '5' or entrust_state = 'a'),
  check (deal_amount + cancel_amount <= entrust_amount),
  check (algo_ordid <> '')
);
insert into algojr_tentrust
  select entrust_id, scheme_id, business_date, market_no, stock_code, entrust_direction,
         entrust_price, entrust_amount, entrust_no, algo_ordid, cbentrust_id, epoch,
         confirmed, rejected, cancel_pending, deal_amount, cancel_amount, deal_balance,
         revoke_cause, entrust_state
  from algojr_tentrust_0002 order by entrust_id;
drop table algojr_tentrust_0002;
create unique index algojr_tentrust_ordid on algojr_tentrust (scheme_id, algo_ordid);

drop index algojr_tcbentrust_plan;
alter table algojr_tcbentrust rename to algojr_tcbentrust_0002;
create table algojr_tcbentrust (
  cbentrust_id    integer not null primary key,
  scheme_id       bigint  not null,
  business_date   integer not null,
  market_no       integer not null,
  entrust_no      text    not null,
  buy_entrust_id  bigint  not null,
  sell_entrust_id bigint  not null,
  confirmed       integer not null check (confirmed in (0, 1)),
  rejected        integer not null check (rejected in (0, 1)),
  cancel_pending  integer not null check (cancel_pending in (0, 1)),
  cancelled       integer not null check (cancelled in (0, 1)),
  revoke_cause    text    not null,
  entrust_state   char(1) not null
    check (entrust_state = '6' or entrust_state = '7' or entrust_state = '4'
           or entrust_state = '1' or entrust_state = '9' or entrust_state = '8'
           or entrust_state = '5' or entrust_state = 'a')
);
insert into algojr_tcbentrust
  select cbentrust_id, scheme_id, business_date, market_no, entrust_no, buy_entrust_id,
         sell_entrust_id, confirmed, rejected, cancel_pending, cancelled, revoke_cause,
         entrust_state
  from algojr_tcbentrust_0002 order by cbentrust_id;
drop table algojr_tcbentrust_0002;
create index algojr_tcbentrust_plan on algojr_tcbentrust (scheme_id);

alter table algojr_tordernumber rename to algojr_tordernumber_0002;
create table algojr_tordernumber (
  business_date integer not null,
  market_no     integer not null,
  entrust_no    text    not null,
  number_kind   char(1) not null
    check (number_kind = 'o' or number_kind = 'b' or number_kind = 's' or number_kind = 'c'),
  scheme_id     bigint  not null,
  entrust_id    bigint  not null,
  primary key (business_date, market_no, entrust_no, number_kind)
) without rowid;
insert into algojr_tordernumber
  select business_date, market_no, entrust_no, number_kind, scheme_id, entrust_id
  from algojr_tordernumber_0002 order by business_date, market_no, entrust_no, number_kind;
drop table algojr_tordernumber_0002;

drop index algojr_tmessage_id;
drop index algojr_tmessage_line;
drop index algojr_tmessage_parked;
drop index algojr_tmessage_waiting;
drop index algojr_tmessage_unusual;
drop index algojr_tmessage_refused;
alter table algojr_tmessage rename to algojr_tmessage_0002;
create table algojr_tmessage (
  message_no    integer not null primary key,
  message_id    text    not null,
  function_no   integer not null,
  business_date integer not null,
  scheme_id     bigint  not null,
  line_no       bigint  not null,
  disposition   char(1) not null
    check (disposition = 'a' or disposition = 'c' or disposition = 'd' or disposition = 'p'
           or disposition = 'k' or disposition = 'q'),
  market_no     integer not null,
  entrust_no    text    not null,
  topic         text    not null,
  reason        text    not null,
  body          text    not null,
  received_at   bigint  not null
);
insert into algojr_tmessage
  select message_no, message_id, function_no, business_date, scheme_id, line_no, disposition,
         market_no, entrust_no, topic, reason, body, received_at
  from algojr_tmessage_0002 order by message_no;
drop table algojr_tmessage_0002;
create unique index algojr_tmessage_id on algojr_tmessage (message_id);
create index algojr_tmessage_line on algojr_tmessage (scheme_id, line_no);
create index algojr_tmessage_parked on algojr_tmessage (business_date, market_no, entrust_no)
  where disposition = 'k';
create index algojr_tmessage_waiting on algojr_tmessage (received_at) where disposition = 'k';
create index algojr_tmessage_unusual on algojr_tmessage (disposition) where disposition <> 'a';
create index algojr_tmessage_refused on algojr_tmessage (received_at) where disposition = 'q';
