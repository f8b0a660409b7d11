// Order entry: a site places and cancels child orders of its plans. The order, its row in
// the outbox and the epoch's fence are one transaction, so that whoever retries, the order
// reaches the market at most once. Worker's thread only.
#pragma once

#include "base/result.h"
#include "trading/platform.h"
#include "trading/turn.h"

namespace systask::trading {

class Applier;
class OrdersOut;
class Recovery;

class OrderEntry {
 public:
  OrderEntry(const Stores& stores, Recovery& recovery, Applier& applier, OrdersOut& out)
      : stores_(stores), recovery_(recovery), applier_(applier), out_(out) {}

  Result<bool> place(Turn& turn, const SiteRequest& who, const OrderRequest& request);
  Result<bool> cancel(Turn& turn, const SiteRequest& who, const OrderName& name);

 private:
  Result<const Plan*> open_for_orders(const Turn& turn, const SiteRequest& who, bool placing);

  const Stores& stores_;
  Recovery& recovery_;
  Applier& applier_;
  OrdersOut& out_;
};

}  // namespace systask::trading
