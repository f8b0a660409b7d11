-- Where rows of earlier business dates go: the same columns in the same order, and neither keys
-- nor checks, so that nothing can ever stop a day's turn.

create table algojr_thisscheme (
  scheme_id         integer,
  business_date     integer,
  last_date         integer,
  scheme_name       text,
  strategy_name     text,
  environment       text,
  scheme_params     text,
  scheme_status     char(1),
  saved_status      char(1),
  recover_phase     char(1),
  site_no           integer,
  session_no        bigint,
  epoch             bigint,
  last_line         bigint,
  applied_line      bigint,
  skipped_lines     bigint,
  quarantine_reason text,
  created_by        text,
  created_at        bigint,
  status_at         bigint
);
create index algojr_thisscheme_no on algojr_thisscheme (scheme_id);

create table algojr_thisschemestock (
  scheme_id         bigint,
  market_no         integer,
  stock_code        text,
  entrust_direction integer,
  detail_no         integer,
  scheme_amount     bigint,
  entrust_amount    bigint,
  deal_amount       bigint,
  deal_balance      bigint
);
create index algojr_thisschemestock_no on algojr_thisschemestock (scheme_id);

create table algojr_thisentrust (
  entrust_id        integer,
  scheme_id         bigint,
  business_date     integer,
  market_no         integer,
  stock_code        text,
  entrust_direction integer,
  entrust_price     bigint,
  entrust_amount    bigint,
  entrust_no        text,
  algo_ordid        text,
  cbentrust_id      bigint,
  epoch             bigint,
  confirmed         integer,
  rejected          integer,
  cancel_pending    integer,
  deal_amount       bigint,
  cancel_amount     bigint,
  deal_balance      bigint,
  revoke_cause      text,
  entrust_state     char(1)
);
create index algojr_thisentrust_no on algojr_thisentrust (entrust_id);

create table algojr_thiscbentrust (
  cbentrust_id    integer,
  scheme_id       bigint,
  business_date   integer,
  market_no       integer,
  entrust_no      text,
  buy_entrust_id  bigint,
  sell_entrust_id bigint,
  confirmed       integer,
  rejected        integer,
  cancel_pending  integer,
  cancelled       integer,
  revoke_cause    text,
  entrust_state   char(1)
);
create index algojr_thiscbentrust_no on algojr_thiscbentrust (cbentrust_id);

create table algojr_thisrealdeal (
  business_date integer,
  market_no     integer,
  entrust_no    text,
  deal_no       text,
  entrust_id    bigint,
  scheme_id     bigint,
  deal_price    bigint,
  deal_amount   bigint,
  line_no       bigint,
  deal_at       bigint
);

create table algojr_thisordernumber (
  business_date integer,
  market_no     integer,
  entrust_no    text,
  number_kind   char(1),
  scheme_id     bigint,
  entrust_id    bigint
);

create table algojr_thismessage (
  message_no    integer,
  message_id    text,
  function_no   integer,
  business_date integer,
  scheme_id     bigint,
  line_no       bigint,
  disposition   char(1),
  market_no     integer,
  entrust_no    text,
  topic         text,
  reason        text,
  body          text,
  received_at   bigint
);
create index algojr_thismessage_no on algojr_thismessage (message_no);
create index algojr_thismessage_line on algojr_thismessage (scheme_id, line_no);

create table algojr_thisrequestcache (
  scheme_id     bigint,
  line_no       bigint,
  business_date integer,
  function_no   integer,
  message_id    text,
  body          text,
  message_no    bigint,
  market_no     integer,
  entrust_no    text,
  topic         text,
  reason        text,
  received_at   bigint,
  outcome       text
);
