#include "trading/same_body.h"

#include <boost/json.hpp>

namespace systask::trading {

bool same_body(std::string_view a, std::string_view b) {
  namespace json = boost::json;
  if (a == b) return true;
  json::error_code error;
  const json::value first = json::parse(a, error);
  if (error) return false;
  const json::value second = json::parse(b, error);
  return !error && first == second;
}

}  // namespace systask::trading
