-- Trading: plans, orders, messages, sites, and what leaves. Names follow the source system.
-- Times are microseconds since 1970 in UTC, prices and amounts are fixed-point with eight
-- decimals, dates are YYYYMMDD. 64-bit columns say BIGINT, except keys that SQLite takes as
-- the rowid, which must say INTEGER. WITHOUT ROWID is SQLite's: other databases drop it.

create table algojr_tplatform (
  name  text not null primary key,
  value text not null
) without rowid;

-- Plans.
create table algojr_tscheme (
  scheme_id         integer not null primary key,
  business_date     integer not null,
  last_date         integer not null,
  scheme_name       text    not null,
  strategy_name     text    not null,
  environment       text    not null,
  scheme_params     text    not null,
  scheme_status     char(1) not null check (scheme_status in ('0', '1', '2', '3', '4', '5', '6',
                      '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')),
  saved_status      char(1) not null check (saved_status in ('0', '1', '2', '3', '4', '5', '6',
                      '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g')),
  recover_phase     char(1) not null check (recover_phase in ('-', 'w', 'o', 'r')),
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

create table algojr_tschemestock (
  scheme_id         bigint  not null,
  market_no         integer not null,
  stock_code        text    not null,
  entrust_direction integer not null check (entrust_direction in (1, 2)),
  detail_no         integer not null,
  scheme_amount     bigint  not null check (scheme_amount >= 0),
  entrust_amount    bigint  not null check (entrust_amount >= 0),
  deal_amount       bigint  not null check (deal_amount >= 0),
  deal_balance      bigint  not null,
  primary key (scheme_id, market_no, stock_code, entrust_direction)
) without rowid;

-- Orders. algo_ordid is null where the order was placed elsewhere, so that the unique index
-- leaves those alone. entrust_state is derived from the facts, and kept for those who read.
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
  entrust_state     char(1) not null check (entrust_state in ('1', '4', '5', '6', '7', '8', '9',
                      'a')),
  check (deal_amount + cancel_amount <= entrust_amount),
  check (algo_ordid <> '')
);
create unique index algojr_tentrust_ordid on algojr_tentrust (scheme_id, algo_ordid);

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
  entrust_state   char(1) not null check (entrust_state in ('1', '4', '5', '6', '7', '8', '9',
                    'a'))
);
create index algojr_tcbentrust_plan on algojr_tcbentrust (scheme_id);

create table algojr_trealdeal (
  business_date integer not null,
  market_no     integer not null,
  entrust_no    text    not null,
  deal_no       text    not null,
  entrust_id    bigint  not null,
  scheme_id     bigint  not null,
  deal_price    bigint  not null,
  deal_amount   bigint  not null check (deal_amount >= 0),
  line_no       bigint  not null,
  deal_at       bigint  not null,
  primary key (business_date, market_no, entrust_no, deal_no)
) without rowid;

-- Whose a number is. o: order, b and s: buy and sell leg, c: combined order.
create table algojr_tordernumber (
  business_date integer not null,
  market_no     integer not null,
  entrust_no    text    not null,
  number_kind   char(1) not null check (number_kind in ('o', 'b', 's', 'c')),
  scheme_id     bigint  not null,
  entrust_id    bigint  not null,
  primary key (business_date, market_no, entrust_no, number_kind)
) without rowid;

-- Every message seen. a: applied, c: cached, p: passed through, k: parked, q: quarantined,
-- d: duplicate.
create table algojr_tmessage (
  message_no    integer not null primary key,
  message_id    text    not null,
  function_no   integer not null,
  business_date integer not null,
  scheme_id     bigint  not null,
  line_no       bigint  not null,
  disposition   char(1) not null check (disposition in ('a', 'c', 'p', 'k', 'q', 'd')),
  market_no     integer not null,
  entrust_no    text    not null,
  topic         text    not null,
  reason        text    not null,
  body          text    not null,
  received_at   bigint  not null
);
create unique index algojr_tmessage_id on algojr_tmessage (message_id);
create index algojr_tmessage_line on algojr_tmessage (scheme_id, line_no);
create index algojr_tmessage_parked on algojr_tmessage (business_date, market_no, entrust_no)
  where disposition = 'k';
create index algojr_tmessage_waiting on algojr_tmessage (received_at) where disposition = 'k';
-- Small: nearly every message is applied. It makes counting what became of them cheap.
create index algojr_tmessage_unusual on algojr_tmessage (disposition) where disposition <> 'a';
create index algojr_tmessage_refused on algojr_tmessage (received_at) where disposition = 'q';

-- What waits while no site runs the plan. Rows may be put in by hand: what the platform can
-- do without has a default.
create table algojr_trequestcache (
  scheme_id     bigint  not null,
  line_no       bigint  not null,
  business_date integer not null,
  function_no   integer not null,
  message_id    text    not null,
  body          text    not null,
  message_no    bigint  not null default 0,
  market_no     integer not null default 0,
  entrust_no    text    not null default '',
  topic         text    not null default '',
  reason        text    not null default '',
  received_at   bigint  not null default 0,
  primary key (scheme_id, line_no)
) without rowid;

-- Strategy sites, one row a name.
create table algojr_tstrategysite (
  site_no      integer not null primary key,
  site_name    text    not null unique,
  environment  text    not null,
  strategies   text    not null,
  capacity     integer not null check (capacity >= 0),
  draining     integer not null check (draining in (0, 1)),
  session_no   bigint  not null check (session_no >= 0),
  live         integer not null check (live in (0, 1)),
  logged_in_at bigint  not null,
  lost_at      bigint  not null
);

-- What must leave. o: to the order system, p: to the message centre.
create table algojr_toutbox (
  out_no     integer not null primary key,
  out_kind   char(1) not null check (out_kind in ('o', 'p')),
  topic      text    not null,
  scheme_id  bigint  not null,
  line_no    bigint  not null,
  algo_ordid text    not null,
  body       text    not null,
  created_at bigint  not null,
  attempts   integer not null check (attempts >= 0),
  last_error text    not null
);

-- The trading sessions of each market: '093000-113000;130000-150000'.
create table algojr_texectimeinfo (
  market_no           integer not null primary key,
  day_exec_time_range text    not null
);

-- One row per attempt to recover a plan.
create table algojr_trecovery (
  attempt_id  integer not null primary key,
  scheme_id   bigint  not null,
  attempt     integer not null,
  from_site   text    not null,
  to_site     text    not null,
  why         text    not null,
  lost_at     bigint  not null,
  noticed_at  bigint  not null,
  offered_at  bigint,
  rebuilt_at  bigint,
  claimed_at  bigint,
  replayed_at bigint,
  finished_at bigint,
  replayed    bigint  not null check (replayed >= 0),
  outcome     text    not null
);

-- Who changed what.
create table algojr_tauditlog (
  audit_no     integer not null primary key,
  happened_at  bigint  not null,
  actor        text    not null,
  action       text    not null,
  object       text    not null,
  before_value text    not null,
  after_value  text    not null,
  reason       text    not null
);
