// The trading sessions that markets have at the first start.
#pragma once

#include "service/app/stores.h"
#include "service/config/config.h"

namespace systask::service {

// Markets without sessions get those of the configuration, once.
void fill_trading_sessions(SqlStores& stores, const ServiceConfig& config);

}  // namespace systask::service
