-- One row, written where somebody must know whether the database takes writes (docs/decisions/0063).
create table tstp_writeprobe (
  probe_no   integer not null primary key check (probe_no = 1),
  written_us bigint  not null
);
