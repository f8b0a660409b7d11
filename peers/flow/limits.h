// Limits keeps what each plan has ordered and filled of each security within 64 bits, as
// platform and fold count it; real logs know currencies in which a day does not fit. One
// thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "peers/flow/report.h"

namespace systask::peers::flow {

class Limits {
 public:
  // Counts it, or says false where the sum would not fit.
  bool add_order(const OrderFacts& order);
  bool add_fill(const OrderFacts& order, std::int64_t quantity, std::int64_t price);

 private:
  struct Sums {
    std::int64_t ordered = 0;
    std::int64_t amount = 0;  // 1e-8
  };
  std::map<std::tuple<std::int64_t, std::string, int>, Sums> sums_;
};

}  // namespace systask::peers::flow
