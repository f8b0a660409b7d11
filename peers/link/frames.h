// The texts of the frames that a peer sends, as docs/protocol.md section 1 shapes them.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace systask::peers {

struct Question;

std::string request_frame(std::int64_t id, const Question& question,
                          const boost::json::object* body);
std::string ack_frame(std::int64_t plan, std::int64_t epoch, std::int64_t through);
std::string ack_out_frame(std::int64_t through);
// All of a publication but its number, which changes with the connection.
std::string publication_tail(std::string_view topic, std::string_view body);
std::string publication_frame(std::int64_t number, std::string_view tail);

// The error object of an answer, as a refusal.
Refusal refusal_of(const boost::json::value& error);

}  // namespace systask::peers
