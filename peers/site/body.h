// Reading the members of a body. The order system may send a number as a JSON integer or
// as a string; what is absent is empty or 0.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace systask::peers {

std::int64_t integer_at(const boost::json::object& body, std::string_view key);
std::string text_at(const boost::json::object& body, std::string_view key);
// In 1e-8 of the currency.
std::int64_t price_at(const boost::json::object& body, std::string_view key);
// An object, or an empty one.
const boost::json::object& object_at(const boost::json::object& body, std::string_view key);
// An array, or an empty one.
const boost::json::array& array_at(const boost::json::object& body, std::string_view key);
bool flag_at(const boost::json::object& body, std::string_view key);

}  // namespace systask::peers
