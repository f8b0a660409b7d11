#include "db/write_probe.h"

#include "db/statement.h"

namespace systask::db {
namespace {

struct ProbeWrites {
  explicit ProbeWrites(soci::session& sql)
      : keep(sql,
             "insert into tstp_writeprobe (probe_no, written_us) values (1, :now) "
             "on conflict (probe_no) do update set written_us = excluded.written_us") {}

  Command<TimePoint> keep;
};

}  // namespace

void WriteProbe::write(TimePoint now) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<ProbeWrites>().keep.run(now);
  lease.commit();
}

}  // namespace systask::db
