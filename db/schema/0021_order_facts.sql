-- What of an order was applied: its placement (402213), and each of its cancels, a line each:
-- function, what it said that it takes off, the number of the cancel order. A message that says
-- the same again, under whatever id, changes nothing.
alter table algojr_tentrust add column placed integer not null default 0;
alter table algojr_thisentrust add column placed integer;
alter table algojr_tentrust add column seen_cancels text not null default '';
alter table algojr_thisentrust add column seen_cancels text;
alter table algojr_tcbentrust add column seen_cancels text not null default '';
alter table algojr_thiscbentrust add column seen_cancels text;

-- Of the day that is open: what the messages that were applied say.
update algojr_tentrust set placed = 1 where entrust_no <> '';
create table algojr_cancels_0021 as
  select business_date, market_no, entrust_no, function_no,
         group_concat(function_no || ' ' || off || ' ' || replace(name, char(10), ' ') || char(10),
                      '') as cancels
  from (
    select business_date, market_no, entrust_no, function_no, off,
           case when cancelled <> '' and own <> '' and own <> cancelled then own
                when function_no in (402212, 402235) then '~' || batch || '-' || off || '-' || at
                else '' end as name
    from (
      select business_date, market_no, entrust_no, function_no,
             coalesce(json_extract(body, '$.cancel_entrust_no'), '') as cancelled,
             coalesce(json_extract(body, '$.entrust_no'), '') as own,
             coalesce(json_extract(body, '$.batch_no'), '') as batch,
             coalesce(cast(json_extract(body, '$.business_time') as integer), 0) as at,
             case function_no
               when 402212 then
                 coalesce(nullif(cast(json_extract(body, '$.cancel_amount') as integer), 0), '')
               when 402235 then
                 case when coalesce(cast(json_extract(body, '$.buy_cancel_amount') as integer), 0) = 0
                       and coalesce(cast(json_extract(body, '$.sell_cancel_amount') as integer), 0) = 0
                      then ''
                      else coalesce(cast(json_extract(body, '$.buy_cancel_amount') as integer), 0)
                           || '/'
                           || coalesce(cast(json_extract(body, '$.sell_cancel_amount') as integer), 0)
                 end
               else '' end as off
      from algojr_tmessage
      where disposition = 'a' and json_valid(body)
        and function_no in (402210, 402211, 402212, 402234, 402235, 402236)
      order by message_no))
  where name <> ''
  group by business_date, market_no, entrust_no, function_no;
update algojr_tentrust set seen_cancels = c.all_cancels
  from (select business_date, market_no, entrust_no, group_concat(cancels, '') as all_cancels
        from algojr_cancels_0021 where function_no < 402233
        group by business_date, market_no, entrust_no) as c
  where c.business_date = algojr_tentrust.business_date
    and c.market_no = algojr_tentrust.market_no and c.entrust_no = algojr_tentrust.entrust_no;
update algojr_tcbentrust set seen_cancels = c.all_cancels
  from (select business_date, market_no, entrust_no, group_concat(cancels, '') as all_cancels
        from algojr_cancels_0021 where function_no > 402233
        group by business_date, market_no, entrust_no) as c
  where c.business_date = algojr_tcbentrust.business_date
    and c.market_no = algojr_tcbentrust.market_no and c.entrust_no = algojr_tcbentrust.entrust_no;
drop table algojr_cancels_0021;
