-- Why a plan failed, as its site said it; empty where it has not failed.
alter table algojr_tscheme add column fail_reason text not null default '';
alter table algojr_thisscheme add column fail_reason text;
