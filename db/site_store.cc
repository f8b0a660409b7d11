#include "db/site_store.h"

#include "db/statement.h"
#include "db/text_codec.h"
#include "db/unit_of_work.h"

namespace systask::db {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

struct SiteStatements {
  explicit SiteStatements(soci::session& sql)
      : put(sql,
            "insert into algojr_tstrategysite (site_no, site_name, environment, strategies,"
            " capacity, draining, session_no, live, logged_in_at, lost_at) values (:id, :name,"
            " :environment, :strategies, :capacity, :draining, :session, :live, :logged_in, :lost)"
            " on conflict (site_no) do update set site_name = excluded.site_name,"
            " environment = excluded.environment, strategies = excluded.strategies,"
            " capacity = excluded.capacity, draining = excluded.draining,"
            " session_no = excluded.session_no, live = excluded.live,"
            " logged_in_at = excluded.logged_in_at, lost_at = excluded.lost_at"),
        load(sql,
             "select site_no, site_name, environment, strategies, capacity, draining, session_no,"
             " live, logged_in_at, lost_at from algojr_tstrategysite order by site_no") {}

  Command<SiteId, std::string, std::string, std::string, int, bool, SessionId, bool, TimePoint,
          TimePoint>
      put;
  Query<Params<>, SiteId, std::string, std::string, std::string, int, bool, SessionId, bool,
        TimePoint, TimePoint>
      load;
};

}  // namespace

void SiteStore::put(trading::UnitOfWork& work, const Site& site) {
  prepared<SiteStatements>(work).put.run(site.id, site.name, site.environment,
                                         to_text(site.strategies), site.capacity, site.draining,
                                         site.session, site.live, site.logged_in_at, site.lost_at);
}

std::vector<Site> SiteStore::load() {
  std::vector<Site> sites;
  const ReadPool::Lease lease = database_.readers().lease();
  lease.prepared<SiteStatements>().load.run(
      [&](SiteId id, std::string name, std::string environment, const std::string& strategies,
          int capacity, bool draining, SessionId session, bool live, TimePoint logged_in_at,
          TimePoint lost_at) {
        sites.push_back(Site{id, std::move(name), std::move(environment), set_from_text(strategies),
                             capacity, draining, session, live, logged_in_at, lost_at});
      });
  return sites;
}

}  // namespace systask::db
