// The texts of the frames that the platform sends (docs/protocol.md, section 1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/connection.h"
#include "trading/ports/outlet.h"

namespace systask::service {

// `id` as the asker wrote it; `ok` is the JSON of the answer.
net::Frame ok_frame(std::string_view id, std::string_view ok);
// Without an id: the answer to an acknowledgement, or to what was no request. `members`
// are further members of the error, as JSON.
net::Frame error_frame(std::string_view id, const Refusal& refusal, std::string_view members = {});
// `code`, the source system's, is a member `number` of the error; 0: there is none.
net::Frame publication_error_frame(std::int64_t number, const Refusal& refusal, int code = 0);
net::Frame acked_frame(std::int64_t number);

// Tells a peer that another process logged in under its name, from that address, and closes.
void close_replaced(net::Connection& connection, std::string_view by);

net::Frame push_frame(const trading::Push& push);
net::Frame publication_frame(const trading::Publication& publication);
net::Frame order_frame(const trading::OutRow& row);

}  // namespace systask::service
