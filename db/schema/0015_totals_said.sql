-- What the order system says is filled of an order in all (total_deal_amount); 0: it does not say.
alter table algojr_tentrust add column said_amount bigint not null default 0;
alter table algojr_thisentrust add column said_amount bigint;
-- The check of totals asks for what is archived of plans that go on.
create index algojr_thisentrust_plan on algojr_thisentrust (scheme_id);
create index algojr_thisrealdeal_order on algojr_thisrealdeal (entrust_id);
