-- How far the orders of a plan's sites may go beyond its quantities, in percent of them; and whether
-- a detail was asked for, or only reports of orders placed elsewhere made it: sites place none there.
alter table algojr_tscheme add column tolerance_percent integer not null default 0
  check (tolerance_percent between 0 and 100);
alter table algojr_thisscheme add column tolerance_percent integer;
alter table algojr_tschemestock add column planned integer not null default 1
  check (planned in (0, 1));
alter table algojr_thisschemestock add column planned integer;
