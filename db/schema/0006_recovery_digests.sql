-- What site and platform took a plan for, where they differed when a recovery was to end.
alter table algojr_trecovery add column site_digest text not null default '';
alter table algojr_trecovery add column platform_digest text not null default '';
