#include "service/app/trading_sessions.h"

namespace systask::service {

void fill_trading_sessions(SqlStores& stores, const ServiceConfig& config) {
  const auto known = stores.day.session_texts();
  const auto work = stores.transactions.begin();
  for (const int market : config.markets)
    if (!known.contains(trading::Market{market}))
      stores.day.add_session_text(*work, trading::Market{market}, config.day_exec_time_range);
  work->commit();
}

}  // namespace systask::service
