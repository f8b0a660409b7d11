// Plans and orders as the JSON of docs/protocol.md, and the digest of its section 6.
#pragma once

#include <string>

#include "base/result.h"
#include "trading/book.h"
#include "trading/plan.h"
#include "trading/platform.h"

namespace systask::trading {

std::string plan_json(const Plan& plan);
// All that was asked for.
std::string new_plan_json(const NewPlan& request);
std::string parameters_json(const Parameters& parameters);
// {"parameters":{…}} as Parameters; BAD_REQUEST where it is not an object of strings.
Result<Parameters> parameters_of(const std::string& body);

std::string order_json(const Order& order);
std::string combined_json(const Book& book, const CombinedOrder& order);

// One page of open orders, and of combined ones, with ids above `after`.
OpenOrdersPage open_orders_page(const Book& book, const Plan& plan, OrderId after,
                                std::size_t limit);

// The lines that are hashed, and their SHA-256.
std::string digest_text(const Book& book, const Plan& plan);
std::string digest(const Book& book, const Plan& plan);

}  // namespace systask::trading
