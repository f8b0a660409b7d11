#include "service/cli/check_sql.h"

#include <algorithm>

#include "db/database.h"
#include "db/sql_check.h"

namespace systask::service {

CheckedSql check_sql(const Config& config) {
  CheckedSql checked;
  const std::string own = config.service.database.substr(db::kScheme.size());
  for (const scheduler::TaskSpec& spec : config.tasks) {
    const auto work = config.works.find(spec.name);
    if (work == config.works.end()) continue;
    const auto* sql = std::get_if<tasks::Sql>(&work->second);
    if (sql == nullptr) continue;
    const auto values = tasks::sample_values(spec);
    if (!values) continue;
    const auto fault =
        db::fault_in_sql({.text = sql->text,
                          .values = *values,
                          .database = sql->database,
                          .read_only = sql->read_only,
                          .may_write = {sql->may_write.begin(), sql->may_write.end()}},
                         own);
    if (!fault) continue;
    const auto place = config.sql_places.find(spec.name);
    const Mistake mistake{place == config.sql_places.end() ? Place{} : place->second,
                          "tasks." + spec.name + ".run.sql",
                          fault->says,
                          {}};
    (fault->unknown ? checked.warnings : checked.mistakes).push_back(mistake);
  }
  return checked;
}

}  // namespace systask::service
